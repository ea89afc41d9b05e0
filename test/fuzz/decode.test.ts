/** No capture, however broken, makes `framepipe decode` fail in any other way than by saying what is wrong with it. */
import fc from 'fast-check';
import { CaptureError } from '../../src/cli/capture/raw.js';
import { decodeLines } from '../../src/cli/run/decode-lines.js';
import { packetsOf, pcap, pcapng, SESSION } from '../support/captures.js';
import { compressed } from '../support/deflate.js';

const OPTIONS = { role: null, maxFrameBytes: 100_000, columns: 80, extensions: 'permessage-deflate' };

/** The lines up to the end of the capture, or to the sentence that says why there are no more. */
function decode(capture: Buffer, json = false): string[] {
  const lines: string[] = [];
  try {
    for (const { text } of decodeLines(capture, { ...OPTIONS, json })) lines.push(text);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    lines.push(error.message);
  }
  return lines;
}

const deflated = compressed('Hello Hello Hello Hello');
const CAPTURES = [
  pcap(packetsOf(SESSION)),
  pcap(packetsOf(SESSION), { isLittle: false, nano: true }),
  pcapng(packetsOf(SESSION)),
  pcapng(packetsOf(SESSION), { isLittle: false }),
  Buffer.concat([
    Buffer.from([0xc1, deflated.length]),
    deflated,
    Buffer.from('8a00', 'hex'),
    Buffer.from('8202ffff', 'hex'),
  ]),
  Buffer.from('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n\x01\x02ab'),
];

test('what is mutated is good as it was', () => {
  for (const capture of CAPTURES.slice(0, 4)) {
    const table = decode(capture).join('\n');
    expect(table).toMatch(
      /^10\.0\.0\.1:1000 → 10\.0\.0\.2:2000 {2}GET \/chat HTTP\/1\.1\n.*\n.*client {2}text .* 5 {2}Hello\n.*server {2}text .* 2 {2}yo$/,
    );
  }
  expect(decode(CAPTURES[4] as Buffer).join('\n')).toMatch(/Hello Hello .*\n.*pong.*\n.*ff ff$/);
});

const mutated = fc
  .tuple(
    fc.constantFrom(...CAPTURES),
    fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 8 }),
    fc.tuple(fc.nat(2_000), fc.nat(2_000), fc.boolean()),
  )
  .map(([capture, bytes, [from, to, isCut]]) => {
    const copy = Buffer.from(capture);
    for (const [at, value] of bytes) copy[at % copy.length] = value;
    if (!isCut) return copy;
    const [start, end] = [from % copy.length, to % copy.length];
    return Buffer.concat([copy.subarray(0, start), copy.subarray(Math.min(start, end))]);
  });
const magic = fc
  .tuple(fc.constantFrom('', 'd4c3b2a1', 'a1b23c4d', '0a0d0d0a'), fc.uint8Array({ maxLength: 300 }))
  .map(([start, bytes]) => Buffer.concat([Buffer.from(start, 'hex'), bytes]));

test.each([
  ['mutated captures', mutated],
  ['random bytes', magic],
])('%s', (_, captures) => {
  fc.assert(
    fc.property(captures, (capture) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what no row may hold.
      for (const line of decode(capture)) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      for (const line of decode(capture, true)) if (line.startsWith('{')) JSON.parse(line);
    }),
    { numRuns: 1_000 },
  );
});
