/** pcap files. */
import { isPcap, pcapPackets } from '../../../../src/cli/capture/pcap.js';
import { CaptureError } from '../../../../src/cli/capture/raw.js';
import { pcap } from '../../../support/captures.js';

const PACKETS = [Buffer.from('one'), Buffer.from(''), Buffer.from('three')];

test.each([
  [true, false],
  [true, true],
  [false, false],
  [false, true],
])('little-endian %s, nanoseconds %s', (isLittle, nano) => {
  const file = pcap(PACKETS, { isLittle, nano, link: 113 });
  expect(isPcap(file)).toBe(true);
  expect([...pcapPackets(file)]).toEqual(PACKETS.map((bytes, at) => ({ linkType: 113, ms: 100_000 + at, bytes })));
});

test('wherever a file is cut, the packets before are good, and a cut between two is none', () => {
  const file = pcap(PACKETS);
  const ends = [24, 43, 59, 80];
  for (let size = 4; size < file.length; size++) {
    const got: Buffer[] = [];
    const read = () => {
      for (const { bytes } of pcapPackets(file.subarray(0, size))) got.push(bytes);
    };
    if (ends.includes(size)) read();
    else expect(read).toThrow(CaptureError);
    expect(got).toEqual(PACKETS.slice(0, Math.max(ends.filter((end) => end <= size).length - 1, 0)));
  }
});

test('other bytes are no pcap', () => {
  for (const text of ['', 'GET', 'GET / HTTP/1.1', '\x0a\x0d\x0d\x0a']) expect(isPcap(Buffer.from(text))).toBe(false);
});
