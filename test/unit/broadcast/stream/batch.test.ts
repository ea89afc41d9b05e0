import { Batch, Item } from '../../../../src/broadcast/stream/batch.js';
import { prepare } from '../../../../src/duplex/prepared-message.js';
import { sessionDeflate } from '../../../../src/duplex/session-deflate.js';
import type { WebSocketDuplex } from '../../../../src/duplex/websocket-duplex.js';
import { AGREED, compression, readMessages } from '../../../support/deflate.js';
import { readWire } from '../../../support/frames.js';

const LONG = 'again and again '.repeat(20);

function batchOf(...messages: readonly string[]): Batch {
  const batch = new Batch();
  messages.forEach((source, number) => {
    const message = prepare(source);
    batch.add(new Item({ message, key: undefined, bytes: message.wire.length }, source, undefined, number));
  });
  return batch;
}

function deflate(options = {}) {
  const made = sessionDeflate(AGREED, 'server', compression(options), 1_000_000);
  if (made === null) throw new Error('no agreement');
  return made;
}

test('all frames in one piece, the same piece for everybody', () => {
  const batch = batchOf('a', 'b', LONG);
  const wire = batch.wireFor(null);
  expect(readWire(wire?.bytes ?? Buffer.alloc(0)).map(({ frame }) => String(frame.payload))).toEqual(['a', 'b', LONG]);
  expect(batch.wireFor(null)).toBe(wire);
  expect([wire?.isCompressed, wire?.bytes.length, batch.length]).toEqual([false, batch.bytes, 3]);
});

test('one message is not copied again', () => {
  const batch = batchOf(LONG);
  expect(batch.wireFor(null)?.bytes).toBe(batch.items[0]?.entry.message.wire);
});

test('compressed: one piece for each window and threshold that was agreed on', () => {
  const batch = batchOf('a', LONG);
  const [one, same, smaller, later] = [{}, {}, { serverMaxWindowBits: 9 }, { threshold: 1_000 }].map((options) =>
    batch.wireFor(deflate(options)),
  );
  expect(same).toBe(one);
  expect([smaller, later, batch.wireFor(null)]).not.toContain(one);
  expect([one, smaller, later].map((wire) => wire?.isCompressed)).toEqual([true, true, false]);
  for (const wire of [one, smaller, later]) {
    const messages = readMessages(readWire(wire?.bytes ?? Buffer.alloc(0)).map(({ frame }) => frame));
    expect(messages.map(({ payload }) => String(payload))).toEqual(['a', LONG]);
  }
});

test('null while a long message is being compressed', async () => {
  const batch = batchOf('x'.repeat(100_000));
  const agreed = deflate();
  expect(batch.wireFor(agreed)).toBeNull();
  await batch.items[0]?.entry.message.frameFor(agreed.windowBits, () => null);
  expect(batch.wireFor(agreed)?.isCompressed).toBe(true);
});

test('knows for whom some message is not', () => {
  const [author, other] = [{} as WebSocketDuplex, {} as WebSocketDuplex];
  const batch = batchOf('a');
  expect(batch.hasExceptionFor(author)).toBe(false);
  const [item] = batch.items;
  if (item !== undefined) batch.add(new Item(item.entry, 'b', author, 1));
  expect([batch.hasExceptionFor(author), batch.hasExceptionFor(other)]).toEqual([true, false]);
});
