/** From a packet to a TCP segment, whatever it is wrapped in. */
import { segmentOf } from '../../../../src/cli/capture/packet.js';
import { ethernet, ipv4, ipv6, tcp } from '../../../support/captures.js';

const CONTENT = tcp({ seq: 7, data: 'data', flags: 'FA' });
const IP = ipv4(CONTENT);
const at = (linkType: number, bytes: Buffer) => segmentOf({ linkType, bytes, ms: 5 });
const cooked = (size: number, typeAt: number) => {
  const header = Buffer.alloc(size);
  header.writeUInt16BE(0x0800, typeAt);
  return Buffer.concat([header, IP]);
};

test.each([
  ['Ethernet', 1, ethernet(IP)],
  ['Ethernet with two VLAN tags', 1, ethernet(Buffer.concat([Buffer.from('0001810000020800', 'hex'), IP]), 0x88a8)],
  ['Ethernet with padding after the packet', 1, Buffer.concat([ethernet(IP), Buffer.alloc(6)])],
  ['Linux cooked', 113, cooked(16, 14)],
  ['Linux cooked, version 2', 276, cooked(20, 0)],
  ['BSD loopback', 0, Buffer.concat([Buffer.from([2, 0, 0, 0]), IP])],
  ['OpenBSD loopback', 108, Buffer.concat([Buffer.from([0, 0, 0, 2]), IP])],
  ['raw IP', 101, IP],
])('%s', (_, linkType, bytes) => {
  expect(at(linkType, bytes)).toEqual({
    source: '10.0.0.1:1000',
    destination: '10.0.0.2:2000',
    sequence: 7,
    syn: false,
    ack: true,
    fin: true,
    payload: Buffer.from('data'),
    ms: 5,
  });
});

test('IPv6 with an extension header, its addresses in short form', () => {
  const segment = at(1, ethernet(ipv6(CONTENT), 0x86dd));
  expect(segment).toMatchObject({ source: '[::1]:1000', destination: '[fe80::2]:2000', payload: Buffer.from('data') });
});

test('a length that was not filled in yet is that of the packet', () => {
  const unfilled = Buffer.from(IP);
  unfilled.writeUInt16BE(0, 2);
  expect(at(101, unfilled)?.payload).toEqual(Buffer.from('data'));
});

test('fragments, other protocols, unknown links are nothing', () => {
  const udp = Buffer.from(IP);
  udp[9] = 17;
  for (const bytes of [udp, ipv4(CONTENT, 'a', 0x2000), ipv4(CONTENT, 'a', 1)]) expect(at(101, bytes)).toBeNull();
  expect(at(1, ethernet(IP, 0x0806))).toBeNull();
  expect(at(127, ethernet(IP))).toBeNull();
});

test('cut off within a header it is nothing, within the data it is what is there', () => {
  for (const bytes of [ethernet(IP), ethernet(ipv6(CONTENT), 0x86dd)]) {
    for (let size = 0; size < bytes.length; size++) {
      const payload = at(1, bytes.subarray(0, size))?.payload;
      expect(payload?.length).toBe(size < bytes.length - 4 ? undefined : size - bytes.length + 4);
    }
  }
});
