/**
 * Makes docs/rfc-map.md from test/conformance/rfc6455.txt: each demand of the RFC, the source, the test.
 *
 * Knows: how a clause reads as Markdown, and that a clause without source, test or reason is a mistake, as is a test
 * whose title is not in its file. `--check` writes nothing and fails when the page says something else.
 * Does not know: the RFC, or whether a test shows what it claims.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
const LEVELS = '(MUST NOT|MUST|SHOULD NOT|SHOULD)';

/** Clauses in order: `{ section, level, says, sources, tests: [{ file, title }], why }`. */
function parse(text) {
  const clauses = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, section, level, says] = new RegExp(`^([\\d.]+) ${LEVELS} (.+)$`).exec(line) ?? [];
    if (section !== undefined) {
      clauses.push({ section, level, says, sources: [], tests: [], why: null });
      continue;
    }
    const detail = line.trim();
    const clause = clauses.at(-1);
    const [, file, title] = /^(test\/\S+?): (.+)$/.exec(detail) ?? [];
    if (clause === undefined || !line.startsWith('  ')) throw new Error(`Line ${index + 1} is no clause: ${line}`);
    if (detail.startsWith('why: ')) clause.why = detail.slice(5);
    else if (file !== undefined) clause.tests.push({ file, title });
    else clause.sources.push(detail);
  }
  return clauses;
}

/** What is wrong with a clause. */
function faults({ section, says, sources, tests, why }) {
  const where = `§${section} ${says}`;
  if (why !== null) return sources.length + tests.length === 0 ? [] : [`${where} has a reason and a test`];
  if (sources.length === 0 || tests.length === 0) return [`${where} is not mapped`];
  const missing = [...sources, ...tests.map(({ file }) => file)].filter((path) => !existsSync(root + path));
  if (missing.length > 0) return [`${where} names ${missing}, which does not exist`];
  const untitled = tests.filter(({ file, title }) => !readFileSync(root + file, 'utf8').includes(title));
  return untitled.map(({ file, title }) => `${where}: ${file} has no "${title}"`);
}

function page(clauses) {
  const tested = clauses.filter(({ why }) => why === null).length;
  const rows = clauses.map(({ section, level, says, sources, tests, why }) => {
    const link = `[${section}](https://www.rfc-editor.org/rfc/rfc6455#section-${section})`;
    const source = sources.map((path) => `[${path.replace(/^src\//, '')}](../${path})`).join('<br>');
    const proof = tests.map(({ file, title }) => `[${file.replace(/^test\//, '')}](../${file}): ${escaped(title)}`);
    return `| ${link} | ${level} | ${escaped(says)} | ${source} | ${why === null ? proof.join('<br>') : `*${escaped(why)}*`} |`;
  });
  return `# RFC 6455, clause by clause

Every MUST, MUST NOT, SHOULD and SHOULD NOT of RFC 6455 in our own words, the source that keeps it and the test that shows
it: ${tested} of ${clauses.length} clauses. The others say in italics why there is nothing to test. In a test's title, \`%\` stands for a value
of a table.

This page is generated from \`test/conformance/rfc6455.txt\` by \`npm run docs:rfc\`.

| § | level | demand | source | test |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function escaped(text) {
  return text.replace(/[|<>*_]/g, (one) => `\\${one}`);
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const target = positionals[0] ?? `${root}docs/rfc-map.md`;
const clauses = parse(readFileSync(positionals[1] ?? `${root}test/conformance/rfc6455.txt`, 'utf8'));
const wrong = clauses.flatMap(faults);
for (const fault of wrong) console.error(fault);
const made = page(clauses);
if (wrong.length > 0) {
  process.exitCode = 1;
} else if (!values.check) {
  writeFileSync(target, made);
} else if (readFileSync(target, 'utf8') !== made) {
  console.error('docs/rfc-map.md is not what test/conformance/rfc6455.txt says: run npm run docs:rfc');
  process.exitCode = 1;
}
