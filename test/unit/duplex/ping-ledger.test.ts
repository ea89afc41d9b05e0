import { PingLedger, pingPayload } from '../../../src/duplex/ping-ledger.js';
import { UsageError } from '../../../src/errors.js';
import { hex } from '../../support/wire.js';

test('payloads of its own are 8 bytes, no two the same', () => {
  const ledger = new PingLedger();
  const payloads = Array.from({ length: 1_000 }, () => ledger.nextPayload());
  expect(new Set(payloads.map((payload) => payload.toString('hex'))).size).toBe(1_000);
  expect(payloads.every(({ length }) => length === 8)).toBe(true);
});

test('a pong answers its ping and those before it; of two alike the last one', async () => {
  const ledger = new PingLedger();
  const answered: string[] = [];
  const pings = ['a', 'same', 'b', 'same', 'c'].map(async (name) => {
    const milliseconds = await ledger.add(Buffer.from(name));
    answered.push(name);
    return milliseconds;
  });
  ledger.answer(Buffer.from('nobody'));
  await Promise.resolve();
  expect(answered).toEqual([]);
  ledger.answer(Buffer.from('same'));
  await Promise.all(pings.slice(0, 4));
  expect(answered).toEqual(['a', 'same', 'b', 'same']);
  ledger.answer(Buffer.from('c'));
  expect(await pings[4]).toBeGreaterThanOrEqual(0);
});

test('the end of the connection rejects those that wait', async () => {
  const ledger = new PingLedger();
  const ping = ledger.add(hex`01`);
  ledger.rejectAll(new Error('over'));
  await expect(ping).rejects.toThrow('over');
});

test('a payload is copied: the caller may reuse its memory', () => {
  const mine = Uint8Array.of(1, 2, 3);
  const copy = pingPayload(mine);
  mine.fill(9);
  expect(copy).toEqual(hex`01 02 03`);
  expect(pingPayload('é')).toEqual(hex`c3 a9`);
  expect(pingPayload('')).toHaveLength(0);
  expect(pingPayload(new ArrayBuffer(125))).toHaveLength(125);
});

test.each([[5], [null], [undefined], [[1]], [{}], [new ArrayBuffer(126)]])('%p is a UsageError', (payload) => {
  expect(() => pingPayload(payload)).toThrow(UsageError);
});
