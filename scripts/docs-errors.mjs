/**
 * Makes docs/errors.md from the table of violations.
 *
 * Knows: how a row reads as Markdown. `--check` writes nothing and fails when the file says something else.
 * Does not know: any violation. They come from src/errors.ts, which is translated here so that no stale build is read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const CLASSES = [
  {
    fault: 'protocol',
    name: 'ProtocolError',
    says: 'The peer broke the RFC. It is told with the close code, then the connection is destroyed.',
  },
  {
    fault: 'limit',
    name: 'LimitError',
    says: 'The peer sent something legal that is larger than you allow. Raise the limit if you want such messages.',
  },
  {
    fault: 'handshake',
    name: 'HandshakeError',
    says: 'The opening handshake failed, so there never was a WebSocket. `error.status` is the HTTP status, if any.',
  },
  {
    fault: 'connection',
    name: 'ConnectionError',
    says: 'There was no clean close: the connection was lost, went silent, or ended in a failure. Data may be incomplete.',
  },
];

const OPENING = `# Errors

Every error that framepipe makes on purpose is a \`WebSocketError\`. Its class says whose fault it is, \`error.code\` says
what happened and never changes between releases, \`error.closeCode\` is what the peer is told (none: there is nobody to
tell), and \`error.facts\` holds the numbers behind the sentence: offsets, lengths, opcodes, never payload.

This page is generated from the table in \`src/errors.ts\` by \`npm run docs:errors\`.
`;

const USAGE = `## UsageError

The caller made a mistake: an option out of range, a value of the wrong kind. Bytes from the network never cause it.
Its code is always \`ERR_WS_USAGE\`, and it is thrown where the mistake is made.
`;

function errorsPage(violations) {
  const sections = CLASSES.map(({ fault, name, says }) => {
    const rows = Object.entries(violations).filter(([, row]) => row.fault === fault);
    const lines = rows.map(([code, row]) => tableLine(code, row));
    return [
      `## ${name}`,
      '',
      says,
      '',
      '| code | close code | RFC | meaning |',
      '| --- | --- | --- | --- |',
      ...lines,
      '',
    ];
  });
  return [OPENING, ...sections.map((lines) => lines.join('\n')), USAGE].join('\n');
}

function tableLine(code, { close, rfc, says }) {
  return `| \`ERR_WS_${code}\` | ${close ?? 'none'} | ${rfcLink(rfc)} | ${says} |`;
}

/** `6455 §5.2` as a link to that section. */
function rfcLink(reference) {
  const [number, section] = reference.split(' §');
  return `[RFC ${reference}](https://www.rfc-editor.org/rfc/rfc${number}#section-${section})`;
}

async function violationsOf(path) {
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  const { VIOLATIONS } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  return VIOLATIONS;
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const root = new URL('../', import.meta.url);
const target = positionals[0] ?? new URL('docs/errors.md', root);
const page = errorsPage(await violationsOf(new URL('src/errors.ts', root)));
if (!values.check) {
  writeFileSync(target, page);
} else if (readFileSync(target, 'utf8') !== page) {
  console.error('docs/errors.md is not what src/errors.ts says: run npm run docs:errors');
  process.exitCode = 1;
}
