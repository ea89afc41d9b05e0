/** pcapng files. */
import { isPcapng, pcapngPackets } from '../../../../src/cli/capture/pcapng.js';
import { CaptureError } from '../../../../src/cli/capture/raw.js';
import { pcap, pcapng } from '../../../support/captures.js';

const PACKETS = [Buffer.from('one'), Buffer.from('four'), Buffer.from('')];
const expected = PACKETS.map((bytes, at) => ({ linkType: 1, ms: at, bytes }));

test('both byte orders, also one after the other in one file', () => {
  const [little, big] = [pcapng(PACKETS), pcapng(PACKETS, { isLittle: false })];
  expect([little, big, pcap([])].map(isPcapng)).toEqual([true, true, false]);
  expect([...pcapngPackets(little)]).toEqual(expected);
  expect([...pcapngPackets(big)]).toEqual(expected);
  expect([...pcapngPackets(Buffer.concat([big, little, big]))]).toEqual([...expected, ...expected, ...expected]);
});

test.each([
  ['nanoseconds', [9, 0, 1, 0, 9, 0, 0, 0], 0.001],
  ['powers of two', [9, 0, 1, 0, 0x8a, 0, 0, 0], 1_000_000 / 1_024],
  ['an offset of ten seconds', [14, 0, 8, 0, 10, 0, 0, 0, 0, 0, 0, 0], 10_001],
  ['an option before it', [2, 0, 3, 0, 97, 98, 99, 0, 9, 0, 1, 0, 3, 0, 0, 0], 1_000],
])('the clock of an interface: %s', (_, options, ms) => {
  const packets = [...pcapngPackets(pcapng(PACKETS, { options: Buffer.from(options) }))];
  expect(packets[1]?.ms).toBeCloseTo(ms, 6);
});

test('a time that no date can hold is the last one that it can', () => {
  const options = Buffer.from([14, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x40]);
  expect([...pcapngPackets(pcapng(PACKETS, { options }))][0]?.ms).toBe(8.64e15);
});

test('wherever a file is cut, nothing but a CaptureError is thrown', () => {
  const file = pcapng(PACKETS);
  let damaged = 0;
  for (let size = 4; size < file.length; size++) {
    try {
      for (const { bytes } of pcapngPackets(file.subarray(0, size))) expect(PACKETS).toContainEqual(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(CaptureError);
      damaged++;
    }
  }
  // All cuts but those between its six blocks.
  expect(damaged).toBe(file.length - 4 - 5);
});

test('a packet of an interface that is not there is damage', () => {
  const file = pcapng(PACKETS);
  const at = file.indexOf(Buffer.from([6, 0, 0, 0])) + 8;
  file[at] = 1;
  expect(() => [...pcapngPackets(file)]).toThrow(/damaged at byte/);
});
