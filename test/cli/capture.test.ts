/**
 * `framepipe decode` on what tcpdump captured of `framepipe connect` and `framepipe serve`. Needs tcpdump, editcap and the
 * right to capture on loopback.
 *
 * Knows: what was sent. Does not know: packets.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ending, Programs } from './support/program.js';

const programs = new Programs();
const folder = mkdtempSync(join(tmpdir(), 'framepipe-capture-'));
const file = join(folder, 'session.pcap');
const LINES = ['hello \u001b[31m', 'repeat '.repeat(30), 'repeat '.repeat(40)];

afterEach(() => programs.end());
afterAll(() => rmSync(folder, { recursive: true }));

/** Captures one session to `file`, down to the FIN. `-U` writes each packet at once, `-Z root` keeps the folder writable. */
async function capture(input: string | Buffer, serve: readonly string[], connect: readonly string[]): Promise<string> {
  const { url } = await programs.serve('--echo', ...serve);
  const { port } = new URL(url);
  const args = ['-i', 'lo', '-n', '-U', '--immediate-mode', '-Z', 'root', '-w', file, `tcp port ${port}`];
  const tcpdump = programs.startOther('tcpdump', args);
  await tcpdump.says(/listening on lo/);
  const client = await programs.run(['connect', '-q', ...connect, url], input);
  expect(client.code).toBe(0);
  await written();
  tcpdump.interrupt();
  await tcpdump.ended;
  return port;
}

/** Resolves when the close of the server is in the file: what tcpdump has not read yet is lost when it ends. */
async function written(): Promise<void> {
  for (;;) {
    const { out } = await decoded('--json');
    if (out.split('\n').some((line) => line.includes('"from":"server"') && line.includes('"close"'))) return;
  }
}

function decoded(...flags: string[]): Promise<Ending> {
  return programs.run(['decode', ...flags, file]);
}

interface Row {
  readonly from: string;
  readonly opcode: string;
  readonly compressed: boolean;
  readonly text?: string;
  readonly base64?: string;
  readonly code?: number;
}

async function rows(...flags: string[]): Promise<Row[]> {
  const { code, out, err } = await decoded('--json', ...flags);
  expect([code, err]).toEqual([0, '']);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

/** All that one end has sent, and whether any of it was compressed. */
function saidBy(from: string, all: readonly Row[]) {
  const own = all.filter((row) => row.from === from);
  return {
    text: own.map(({ text }) => text ?? '').join(''),
    compressed: own.some(({ compressed }) => compressed),
    codes: own.flatMap(({ code }) => code ?? []),
  };
}

test.each([
  ['plain', false],
  ['compressed', true],
])('a %s session, as pcap and as pcapng', async (_, compressed) => {
  const flags = compressed ? ['--deflate'] : [];
  const port = await capture(`${LINES.join('\n')}\n`, flags, flags);
  const all = await rows();
  for (const end of ['client', 'server'])
    expect(saidBy(end, all)).toEqual({ text: LINES.join(''), compressed, codes: [1000] });

  const table = await decoded();
  expect(table.out).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+ → 127\\.0\\.0\\.1:${port} {2}GET / HTTP/1\\.1`));
  expect(table.out).toMatch(/client {2}text .* {2}hello \\x1b\[31m\n/);
  for (const line of table.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  const converted = await programs.startOther('editcap', ['-F', 'pcapng', file, `${file}ng`]).ended;
  expect(converted.code).toBe(0);
  const { out } = await programs.run(['decode', `${file}ng`]);
  expect(out).toBe(table.out);
});

test('many large segments come back byte for byte; a file that was cut off shows what is there', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
  await capture(bytes, [], ['--binary']);
  const all = await rows();
  for (const end of ['client', 'server']) {
    const own = all.filter(({ from, base64 }) => from === end && base64 !== undefined);
    expect(Buffer.concat(own.map(({ base64 = '' }) => Buffer.from(base64, 'base64'))).equals(bytes)).toBe(true);
  }

  writeFileSync(file, readFileSync(file).subarray(0, -10));
  const { code, out, err } = await decoded();
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^framepipe: The pcap file is cut off or damaged at byte \d+\.\n$/),
  ]);
  expect(out).toMatch(/client {2}binary +65536 {2}00 07 0e/);
  expect(out).toMatch(/server {2}close +fin +2 {2}1000\n/);
});
