/**
 * `framepipe decode` on captures.
 *
 * Knows: what was sent. Does not know: how a capture is read.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Programs } from './support/program.js';

const programs = new Programs();
afterEach(() => programs.end());

/** Enough to be at it for seconds. */
const FRAMES = 2_000_000;
const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex');

test('raw bytes become a table, and lines of JSON', async () => {
  const table = await programs.run(['decode'], HELLO);
  expect(table).toEqual({
    code: 0,
    err: '',
    out: 'from    opcode        flags         bytes  payload\nclient  text          fin               5  Hello\n',
  });
  const json = await programs.run(['decode', '--json', '-'], HELLO);
  expect([json.code, json.err, JSON.parse(json.out)]).toEqual([
    0,
    '',
    expect.objectContaining({ from: 'client', opcode: 'text', masked: true, offset: 0, text: 'Hello' }),
  ]);
});

test('a violation is a row with its place, and exit code 1', async () => {
  const { code, out, err } = await programs.run(['decode'], Buffer.concat([HELLO, Buffer.from([0x83, 0x80])]));
  expect([code, err]).toEqual([1, '']);
  expect(out).toMatch(/Hello\nclient {2}ERR_WS_RESERVED_OPCODE at byte 11: Frame uses a reserved opcode .*\n$/);
});

test.each([
  [[], '', 'framepipe: The capture is empty.\n'],
  [['/nowhere/file'], '', 'framepipe: There is no /nowhere/file.\n'],
  [['/'], '', 'framepipe: / is a directory.\n'],
  [[], 'GET / HTTP/1.1\r\n', 'framepipe: The capture ends within its HTTP head.\n'],
])('decode %j says one sentence', async (args, input, err) => {
  expect(await programs.run(['decode', ...args], input)).toEqual({ code: 1, out: '', err });
});

test('a reader that goes away ends it without a word', async () => {
  const frames = Buffer.concat(Array.from({ length: 50_000 }, () => HELLO));
  const decoding = programs.start('decode');
  decoding.type(frames).done();
  await decoding.says(/Hello/);
  decoding.process.stdout.destroy();
  const { code, err } = await decoding.ended;
  expect([code, err]).toEqual([0, '']);
});

test('Ctrl-C in the middle of a long table in a file, which is always ready to take more: 130, and whole lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-decode-'));
  const [capture, table] = [join(folder, 'server.bin'), join(folder, 'table')];
  writeFileSync(capture, Buffer.alloc(2 * FRAMES, '8100', 'hex'));
  const output = openSync(table, 'w');
  const decoding = programs.startWith({ stdio: ['ignore', output, 'pipe'] }, 'decode', capture);
  for await (const _ of watch(folder)) if (statSync(table).size > 0) break;
  const { code, err } = await decoding.interrupt().ended;
  closeSync(output);
  const lines = readFileSync(table, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  expect([code, err, lines.at(-1)]).toEqual([130, '', '']);
  expect(lines.length).toBeLessThan(FRAMES);
});
