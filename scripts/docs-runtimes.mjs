/**
 * Makes docs/runtimes.md from what `npm run test:runtimes` has seen.
 *
 * Knows: how rows become a table, and the set-up for browsers, which it shows as the suite has used it. `--check` writes
 * nothing and fails when the page says something else.
 * Does not know: what was run (test/runtimes).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const at = (path) => new URL(`../${path}`, import.meta.url);
const PAGE = at('docs/runtimes.md');
const RESULTS = at('test/runtimes/.results/runtimes.json');
const RUNTIMES = ['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno', 'Chromium'];

function table() {
  if (!existsSync(RESULTS)) throw new Error('There are no results: run npm run test:runtimes first.');
  const rows = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const lines = RUNTIMES.map((name) => {
    const row = rows.find((one) => one.name === name);
    if (row === undefined) throw new Error(`${name} has not passed, or was not run.`);
    return `| ${name} | ${name === 'Chromium' ? 'Debian 12' : row.version} | ${row.ran.map((one) => one.replace('test/', '')).join(', ')} |`;
  });
  return ['| runtime | version | what has passed there |', '| --- | --- | --- |', ...lines].join('\n');
}

/** A program of test/runtimes without its opening comment. */
const program = (name) =>
  readFileSync(at(`test/runtimes/programs/${name}`), 'utf8')
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, '')
    .trim();

function page() {
  return `# Runtimes

${table()}

On Node these are folders of tests, each as a whole: real sockets, and the RFCs by section. \`npm run test:runtimes\`, which each
push runs, runs what the table says; \`FRAMEPIPE_RUNTIMES=full\` adds the unit tests and what broke others. The rest of the
project is tested on the newest Node 20. Bun and Deno have no jest: there the same behaviour is tried by
[portable.mjs](../test/runtimes/programs/portable.mjs), which has no exceptions for either. What they are not tried for:
HTTP/2, TLS, proxies, the command line.

This page is generated from what the suite has seen by \`npm run docs:runtimes\`.

## What newer versions of Node do differently

- Since 24, \`pipeline\` takes a stream for closed when its \`closed\` is truthy. Ours is a promise for programs and a
  boolean for the runtime's stream code ([ADR 0010](adr/0010-closed-is-a-boolean-to-stream-code.md)).
- Since 24, the pool of small Buffers has 64 KiB instead of 8, so a small view may hold on to eight times as much. Payloads
  of ours are not taken from it when it is larger than 8 KiB.
- Since 26, one \`read()\` of a stream of bytes gives one chunk, not all that is there.
- Since 26, the 'upgrade' event of a request with a body has another stream than the request's socket. We refuse such requests.
- HTTP/2 on 20.19: a session that is lost fails its sockets with \`ERR_WS_STREAM_RESET\`, from 20.20 on with
  \`ERR_WS_SESSION_LOST\`.
- HTTP/2 since 22: DATA in the packet of END_STREAM ends the session at once, with \`ERR_WS_SESSION_LOST\`; before, GOAWAY is
  sent, and keepalive ends the sockets.
- Since 22, a tab behind the value of a field is trimmed by Node, as RFC 9110 has it; before, we refuse such a request.

## In a browser

A page has a WebSocket of its own, and cannot open a socket without it. The codec is for other things there: looking at
captured frames, testing, frames over another transport. \`FrameDecoder\`, \`FrameEncoder\`, \`MessageDecoder\`, \`MessageEncoder\`
and \`unmask\` need a bundler, two globals, three functions and two constants of Node. With esbuild, this is all:

\`\`\`text
// browser-globals.mjs: what Node has as globals, from packages that readable-stream brings
${program('browser-globals.mjs')}
\`\`\`

\`\`\`text
${program('browser-bundle.mjs')}
\`\`\`

The suite bundles the checks of the codec with these options, unchanged, and runs them on a page.
`;
}

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
const made = page();
// A full run has seen more than the page says.
if (values.check && process.env.FRAMEPIPE_RUNTIMES === 'full') process.exit();
if (!values.check) writeFileSync(PAGE, made);
else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== made) {
  console.error('docs/runtimes.md says something else. Run npm run docs:runtimes and commit the page.');
  process.exitCode = 1;
}
