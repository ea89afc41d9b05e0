/**
 * `framepipe decode` on captures.
 *
 * Knows: what was sent. Does not know: how a capture is read.
 */
import { Programs } from './support/program.js';

const programs = new Programs();
afterEach(() => programs.end());

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
  [['/'], '', 'framepipe: The input is a directory.\n'],
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
