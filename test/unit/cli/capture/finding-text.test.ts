/** Rows that fit and cannot move a cursor; JSON that can be read back. */
import { type Finding, findingsIn } from '../../../../src/cli/capture/finding.js';
import { jsonLine, tableHeading, tableRow } from '../../../../src/cli/capture/finding-text.js';
import { columnsOf } from '../../../../src/cli/terminal-text.js';

function findings(wire: Buffer, ms: number | null = 1_700_000_000_250): Finding[] {
  const pieces = [{ ms, bytes: wire }];
  return [...findingsIn({ from: 'server', pieces, missingBytes: 0, maxFrameBytes: 1_000, inflation: null })];
}
const frame = (first: number, payload: string | Buffer) =>
  Buffer.concat([Buffer.from([first, Buffer.byteLength(payload)]), Buffer.from(payload)]);
const table = { since: 1_700_000_000_000, columns: 80 };

test('time, sender, opcode, flags, bytes and payload stand under their headings', () => {
  const wire = Buffer.concat([
    frame(0x81, 'Hello'),
    frame(0x02, Buffer.from([0, 255])),
    frame(0x80, ''),
    frame(0x89, 'p'),
  ]);
  expect([tableHeading(table), ...findings(wire).map((one) => tableRow(one, table))]).toEqual([
    '      time  from    opcode        flags         bytes  payload',
    '  0.250000  server  text          fin               5  Hello',
    '  0.250000  server  binary                          2  00 ff',
    '  0.250000  server  continuation  fin               0',
    '  0.250000  server  ping          fin               1  p',
  ]);
});

test('without a time there is no such column; a close shows its code, a fault its place', () => {
  const wire = Buffer.concat([frame(0x88, Buffer.from('\x03\xe8bye', 'latin1')), frame(0x88, ''), Buffer.from([0x83])]);
  const rows = findings(wire, null).map((one) => tableRow(one, { since: null, columns: 80 }));
  expect(rows).toEqual([
    'server  close         fin               5  1000 bye',
    'server  close         fin               0',
    expect.stringMatching(/^server {2}ERR_WS_RESERVED_OPCODE at byte 9: Frame uses a reserved opcode/),
  ]);
});

test('no row is wider than the screen, and none holds a control character', () => {
  const wire = Buffer.concat([
    frame(0x81, '\x1b[2J\r\n\t漢字'.repeat(5)),
    frame(0x89, '\x1b[2J'),
    frame(0x82, Buffer.alloc(100)),
  ]);
  for (const columns of [72, 80, 120]) {
    for (const finding of findings(wire)) {
      const row = tableRow(finding, { ...table, columns });
      expect(columnsOf(row)).toBeLessThanOrEqual(columns);
      expect(row).toMatch(/^[^\p{Cc}]*$/u);
    }
  }
});

test('a line of JSON has text as text and bytes as base64', () => {
  const wire = Buffer.concat([
    frame(0x81, 'ö'),
    frame(0x82, Buffer.from([0, 255])),
    frame(0x88, Buffer.from([3, 232])),
    Buffer.from([0x83]),
  ]);
  const place = { connection: 1, client: 'a:1', server: 'b:2' };
  const [text, binary, close, fault] = findings(wire).map((one) => JSON.parse(jsonLine(one, place)));
  expect(text).toEqual({
    time: '2023-11-14T22:13:20.250000Z',
    from: 'server',
    ...place,
    opcode: 'text',
    fin: true,
    rsv1: false,
    masked: false,
    bytes: 2,
    offset: 0,
    compressed: false,
    text: 'ö',
  });
  expect(binary).toMatchObject({ opcode: 'binary', base64: 'AP8=' });
  expect(close).toMatchObject({ opcode: 'close', code: 1000, reason: '' });
  expect(fault).toMatchObject({ from: 'server', error: 'ERR_WS_RESERVED_OPCODE', offset: 12 });
});

test('half a character is no text: JSON has its bytes', () => {
  const [half] = findings(frame(0x01, Buffer.from([0xc3])), null);
  expect(JSON.parse(jsonLine(half as Finding))).toMatchObject({ from: 'server', opcode: 'text', base64: 'ww==' });
});
