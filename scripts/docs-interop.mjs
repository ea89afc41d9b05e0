/**
 * Makes docs/interop.md from what `npm run test:peers` has seen.
 *
 * Knows: how rows become tables. `--check` writes nothing and fails when the page says something else about a program that
 * was here; versions may differ, and programs that were not here are left alone.
 * Does not know: what was tried, or with whom (test/peers).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PEER_COLUMNS = {
  handshake: 'handshake',
  refusal: 'refusal',
  messages: 'messages',
  fragments: 'fragments',
  pings: 'pings',
  closing: 'closing',
  cut: 'cut off',
  limits: 'limits',
  violation: 'violation',
  compression: 'compression',
};
const PROXY_COLUMNS = {
  ws: 'ws through it',
  websockets: 'websockets through it',
  large: '64 MiB',
  closing: 'closing',
  refusal: 'refusal',
  origin: 'origin',
  idle: 'idle time-out',
  keepalive: 'keepalive',
};
const AGENT_COLUMNS = { tunnel: 'ws:', tls: 'wss:', refusal: 'refusal', abort: 'silent proxy' };

const OPENING = `# Interop

Real programs against framepipe, each in every role that it has, by \`npm run test:peers\`. Every option of ours that has to do
with strictness is at its default: legal traffic of all of them passes.

A number is how many scenarios have passed; a dash means that the program cannot take part, or that its API gives no way to
make it. A scenario that fails fails the suite, so this page has none.

This page is generated from what the suite has seen by \`npm run docs:interop\`.
`;

const MEANING = `| column | what is tried |
| --- | --- |
| handshake | with a subprotocol, without, with none in common; compression offered to a server that has it off |
| refusal | a foreign origin gets our 403; their 403 is our \`HandshakeError\` |
| messages | text with characters of one to four bytes, and binary, of 0 to 1,048,577 bytes, both ways |
| fragments | a message in fragments with pings between them, both ways |
| pings | of up to 125 bytes, both ways |
| closing | either side first: with and without code, with a reason of up to 123 bytes; both know the code, nothing is lost |
| cut off | either side drops the connection |
| limits | a message over the limit of either side: 1009 |
| violation | what the program can be made to send that the RFC forbids: found, named, and it is told |
| compression | context takeover, both ways; and plain with those who cannot |
`;

const suites = (name) => {
  const file = new URL(`../test/peers/.results/${name}.json`, import.meta.url);
  if (!existsSync(file)) throw new Error('There are no results: run npm run test:peers first.');
  return JSON.parse(readFileSync(file, 'utf8'));
};

const line = (cells) => `| ${cells.join(' | ')} |`;

function table(rows, columns) {
  const names = Object.keys(columns);
  const head = ['program', 'version', 'as the', ...Object.values(columns)];
  const body = rows.map(({ name, version, role, passed }) =>
    line([name, version, role, ...names.map((column) => passed[column] || '–')]),
  );
  return [line(head), line(head.map(() => '---')), ...body].join('\n');
}

/** What is particular about a program, once. */
function notes(rows) {
  const programs = new Map(rows.map((row) => [row.name, row]));
  return [...programs.values()]
    .map(({ name, from, notes: facts }) =>
      [`- **${name}** (${from})`, ...facts.map((fact) => `  - ${fact}`)].join('\n'),
    )
    .join('\n');
}

function page({ peers, proxies, agents }) {
  return `${OPENING}
## Peers

${table(peers, PEER_COLUMNS)}

${MEANING}
What was seen of them that is not in the RFC, or surprises:

${notes(peers)}

## Proxies in between

Our server behind them; the clients are ours, and ws and websockets in all of the scenarios above. In the guide:
[behind a proxy](servers-and-clients.md#behind-a-proxy).

${table(proxies, PROXY_COLUMNS)}

| column | what is tried |
| --- | --- |
| 64 MiB | one message, streamed in each direction; the SHA-256 is the same |
| closing | code and reason reach the other side, whichever closes |
| refusal | our 429 with its reason reaches the client |
| origin | \`origins: 'same'\` goes by the Host that the proxy passes on |
| idle time-out | without \`keepAlive\` the proxy cuts the connection: 1006 and \`ERR_WS_CUT_OFF\` on both sides |
| keepalive | with it, on at one side alone, the connection lives three times as long as that |

${notes(proxies)}

## Proxy agents for clients

\`connect(url, { agent })\` through tinyproxy, which asks for a password.

${table(agents, AGENT_COLUMNS)}

${notes(agents)}
- **undici**'s \`ProxyAgent\` is a dispatcher and no agent of Node: \`connect\` answers with a \`UsageError\`.
`;
}

/** The lines of a page, without versions. */
const facts = (text) =>
  text.split('\n').map((one) => one.replace(/^(\| [^|]+ \|)[^|]+(\| (?:server|client|proxy|agent) \|)/, '$1 * $2'));

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const target = positionals[0] ?? fileURLToPath(new URL('../docs/interop.md', import.meta.url));
const peers = [...suites('peers'), ...suites('libwebsockets')];
const made = page({ peers, proxies: suites('proxies'), agents: suites('agents') });
if (!values.check) writeFileSync(target, made);
else {
  const known = new Set(facts(readFileSync(target, 'utf8')));
  const news = facts(made).filter((one) => !known.has(one));
  for (const one of news) console.error(`docs/interop.md does not say: ${one}`);
  if (news.length > 0) {
    console.error('Run npm run docs:interop and commit the page.');
    process.exitCode = 1;
  }
}
