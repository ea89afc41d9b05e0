/** Byte streams from segments in any order. */
import fc from 'fast-check';
import { segmentOf } from '../../../../src/cli/capture/packet.js';
import { TcpReassembly } from '../../../../src/cli/capture/tcp.js';
import { ipv4, type Told, tcp } from '../../../support/captures.js';

function streams(segments: readonly Told[]) {
  const reassembly = new TcpReassembly();
  segments.forEach((told, ms) => {
    const segment = segmentOf({ linkType: 101, bytes: ipv4(tcp(told), told.from), ms });
    if (segment !== null) reassembly.add(segment);
  });
  return [...reassembly.conversations()].map((both) =>
    both.map(({ source, pieces, missingBytes }) => ({
      source,
      text: String(Buffer.concat(pieces.map(({ bytes }) => bytes))),
      times: pieces.map(({ ms }) => ms),
      missingBytes,
    })),
  );
}
const textOf = (segments: readonly Told[]) => streams(segments)[0]?.[0]?.text;

test('both directions, each with its own numbers', () => {
  const [conversation, ...others] = streams([
    { seq: 9, flags: 'S' },
    { from: 'b', seq: 99, flags: 'SA' },
    { seq: 10, data: 'ab' },
    { from: 'b', seq: 100, data: 'xy' },
    { seq: 12, data: 'c', flags: 'F' },
  ]);
  expect(others).toEqual([]);
  expect(conversation).toEqual([
    { source: '10.0.0.1:1000', text: 'abc', times: [2, 4], missingBytes: 0 },
    { source: '10.0.0.2:2000', text: 'xy', times: [3], missingBytes: 0 },
  ]);
});

test('numbers wrap', () => {
  const seq = 2 ** 32 - 2;
  expect(
    textOf([
      { seq: seq - 1, flags: 'S' },
      { seq, data: 'abc' },
      { seq: 1, data: 'def' },
    ]),
  ).toBe('abcdef');
});

test('sent twice, overlapping, out of order: every byte once, when it could be read', () => {
  const [[stream] = []] = streams([
    { seq: 0, flags: 'S' },
    { seq: 1, data: 'abc' },
    { seq: 7, data: 'ghi' },
    { seq: 1, data: 'abc' },
    { seq: 3, data: 'cdefg' },
  ]);
  expect(stream).toMatchObject({ text: 'abcdefghi', times: [1, 4, 4], missingBytes: 0 });
});

test('a gap ends the stream and is measured; a FIN after bytes that are missing shows one too', () => {
  const begun = [
    { seq: 0, flags: 'S' },
    { seq: 1, data: 'abc' },
  ] as const;
  expect(streams([...begun, { seq: 9, data: 'x' }])[0]?.[0]).toMatchObject({ text: 'abc', missingBytes: 5 });
  expect(streams([...begun, { seq: 6, flags: 'F' }])[0]?.[0]).toMatchObject({ text: 'abc', missingBytes: 2 });
});

test('without a SYN the first bytes begin it; a probe of a byte before them is passed over', () => {
  expect(
    textOf([
      { seq: 50, data: 'ab' },
      { seq: 49, data: '\0' },
      { seq: 52, data: 'c' },
    ]),
  ).toBe('abc');
});

test('a SYN with another number is another connection, with the same number the same', () => {
  const first = [
    { seq: 0, flags: 'S' },
    { seq: 0, flags: 'S' },
    { seq: 1, data: 'a' },
  ] as const;
  const second = [
    { seq: 700, flags: 'S' },
    { seq: 701, data: 'b' },
  ] as const;
  expect(streams([...first, ...second]).map(([stream]) => stream?.text)).toEqual(['a', 'b']);
});

test('any cut in any order gives the same bytes', () => {
  const cut = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 30 }), fc.nat(2 ** 32 - 1), (cuts, origin) => {
      const whole = Array.from({ length: 80 }, (_, at) => String.fromCharCode(48 + at)).join('');
      const rest = Array.from({ length: 8 }, (_, at) => [at * 10, 10] as const).reverse();
      const segments = [...cuts, ...rest].map(([at, size]) => ({
        seq: origin + 1 + at,
        data: whole.slice(at, at + size),
      }));
      expect(textOf([{ seq: origin, flags: 'S' }, ...segments])).toBe(whole);
    }),
  );
});
