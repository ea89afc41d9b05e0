import { once } from 'node:events';
import { Writable } from 'node:stream';
import { Opcode } from '../../../src/codec/frame.js';
import { prepare } from '../../../src/duplex/prepared-message.js';
import { Sender } from '../../../src/duplex/sender.js';
import { labelOf, readWire } from '../../support/frames.js';
import { socketPair } from '../../support/socket-pair.js';
import { turns } from '../../support/streams.js';

/** A sender, and a transport that holds each write until it is released. */
function sender(role: 'client' | 'server' = 'server', held = false) {
  const writes: Buffer[] = [];
  let release = () => {};
  const transport = new Writable({
    highWaterMark: held ? 1 : 1 << 20,
    write(chunk: Buffer, _, done) {
      writes.push(Buffer.from(chunk));
      if (held) release = done;
      else done();
    },
    writev: held
      ? undefined
      : (chunks, done) => {
          writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)));
          done();
        },
  });
  const owner = { drained: jest.fn(), socket: null };
  const one = new Sender(owner, transport as never, role);
  const drain = () => {
    const done = release;
    release = () => {};
    done();
  };
  const frames = () => readWire(Buffer.concat(writes)).map(({ frame }) => labelOf(frame));
  return { sender: one, owner, transport, writes, frames, drain };
}

test('what is sent in one tick leaves together, in order', async () => {
  const { sender: one, writes, frames } = sender();
  one.text('Grüße');
  one.binary(Buffer.from([1]));
  one.frame(Opcode.ping, true, Buffer.from('p'));
  one.shared(prepare('ready').plain);
  expect(writes).toHaveLength(0);
  expect(one.bufferedBytes).toBe(one.bytesSent);
  await turns(1);
  expect(writes).toHaveLength(1);
  expect(frames()).toEqual(['1 4772c3bcc39f65', '2 01', '9 70', '1 7265616479']);
  expect([one.framesSent, one.bytesSent, one.bufferedBytes]).toEqual([4, writes[0]?.length, 0]);
});

test('a client masks every frame, a prepared one too, each with a key of its own', async () => {
  const { sender: one, writes } = sender('client');
  const prepared = prepare('same');
  for (let i = 0; i < 3; i++) one.shared(prepared.plain);
  await turns(1);
  const read = readWire(Buffer.concat(writes));
  expect(new Set(read.map(({ key }) => key)).size).toBe(3);
  expect(read.map(({ frame }) => frame.payload.toString())).toEqual(['same', 'same', 'same']);
});

test.each([
  ['64 KiB of copies', 4_096, 16],
  ['512 KiB that are borrowed', 131_072, 4],
])('%s leave without waiting for the end of the tick', (_, size, count) => {
  const { sender: one, writes } = sender();
  for (let sent = 1; sent < count; sent++) one.binary(Buffer.alloc(size));
  expect(writes).toEqual([]);
  one.binary(Buffer.alloc(size));
  expect(Buffer.concat(writes).length).toBeGreaterThan(count * size);
});

test('a transport that is full is not fed; its drain lets everything go at once', async () => {
  const { sender: one, frames, owner, drain } = sender('server', true);
  one.text('first');
  await turns(1);
  expect(one.isBlocked).toBe(true);
  one.text('second');
  one.text('third');
  await turns(1);
  expect(frames()).toHaveLength(1);
  expect(one.bufferedBytes).toBeGreaterThan(0);
  drain();
  await turns(1);
  expect(frames()).toHaveLength(3);
  expect(owner.drained).not.toHaveBeenCalled();
  drain();
  await turns(1);
  expect(owner.drained).toHaveBeenCalledTimes(1);
});

describe('a transport that takes everything at once', () => {
  const SHARE = 1024 * 1024;

  test('gets no more than 1 MiB in one turn of the event loop', async () => {
    const { sender: one, writes, owner } = sender();
    one.binary(Buffer.alloc(SHARE - 1_000));
    expect(one.isBlocked).toBe(false);
    one.binary(Buffer.alloc(1_000));
    one.flush();
    expect(one.isBlocked).toBe(true);
    one.binary(Buffer.alloc(70_000));
    expect(one.bufferedBytes).toBe(70_010);
    await turns(1);
    expect(Buffer.concat(writes)).toHaveLength(one.bytesSent);
    expect([one.isBlocked, one.bufferedBytes]).toEqual([false, 0]);
    expect(owner.drained).toHaveBeenCalledTimes(1);
    one.binary(Buffer.alloc(SHARE / 2));
    expect(one.isBlocked).toBe(false);
  });

  test('gets fewer bytes of small frames, which take longer, one by one or in batches', () => {
    const { wire } = prepare('x');
    const bytesUntilBlocked = (add: (one: Sender) => void) => {
      const { sender: one } = sender();
      while (!one.isBlocked) add(one);
      return one.bytesSent;
    };
    const oneByOne = bytesUntilBlocked((one) => {
      one.text('x');
      one.flush();
    });
    const inBatches = bytesUntilBlocked((one) => one.batch(Buffer.concat([wire, wire]), 2));
    expect(oneByOne).toBeLessThan(SHARE / 20);
    expect(Math.abs(inBatches - oneByOne)).toBeLessThanOrEqual(wire.length);
  });

  test('is left alone when it has been destroyed meanwhile', async () => {
    const { sender: one, transport, owner } = sender();
    one.binary(Buffer.alloc(SHARE));
    transport.destroy();
    await turns(1);
    expect([one.isBlocked, owner.drained.mock.calls.length]).toEqual([false, 0]);
  });
});

test('while it is full only the newest pong is owed, and it goes before a close frame', async () => {
  for (const closes of [false, true]) {
    const { sender: one, frames, drain } = sender('server', true);
    one.text('x');
    await turns(1);
    for (const payload of ['a', 'b', 'c']) one.pong(Buffer.from(payload));
    if (closes) one.frame(Opcode.close, true, Buffer.alloc(0));
    for (let i = 0; i < 3; i++) {
      drain();
      await turns(1);
    }
    expect(frames()).toEqual(['1 78', '10 63', ...(closes ? ['8 '] : [])]);
  }
});

test('flush gives everything to the transport although it is full', async () => {
  const { sender: one, frames, drain } = sender('server', true);
  one.text('x');
  await turns(1);
  one.text('y');
  one.flush();
  expect(one.bytesSent).toBe(6);
  drain();
  await turns(1);
  expect(frames()).toEqual(['1 78', '1 79']);
});

describe('a batch of frames that others get as well', () => {
  const wire = Buffer.concat([prepare('a').wire, prepare('b').wire]);

  test('goes to the transport at once, as it is', () => {
    const { sender: one, writes } = sender();
    one.batch(wire, 2);
    expect(writes).toEqual([wire]);
    expect([one.framesSent, one.bytesSent, one.isServer]).toEqual([2, 6, true]);
  });

  test('does not overtake what waits for the end of the tick', async () => {
    const { sender: one, frames } = sender();
    one.text('first');
    one.batch(wire, 2);
    one.text('last');
    await turns(1);
    expect(frames()).toEqual(['1 6669727374', '1 61', '1 62', '1 6c617374']);
  });

  test('waits while the transport is blocked', async () => {
    const { sender: one, frames, drain } = sender('server', true);
    one.batch(wire, 2);
    expect(one.isBlocked).toBe(true);
    one.batch(wire, 2);
    expect(frames()).toHaveLength(2);
    drain();
    await turns(2);
    expect(frames()).toHaveLength(4);
  });
});

describe('on a socket', () => {
  const BATCH = 20_000;
  const allocations = () => jest.spyOn(Buffer, 'allocUnsafe').mockClear();
  afterEach(() => jest.restoreAllMocks());

  test('batches that are taken at once share their memory', async () => {
    const { near, far } = await socketPair();
    const one = new Sender({ drained: () => {}, socket: null }, near, 'server');
    far.resume();
    const sent = (byte: number) => {
      for (let i = 0; i < BATCH / 1_000; i++) one.binary(Buffer.alloc(1_000, byte));
      one.flush();
    };
    for (let i = 0; i < 3; i++) sent(i);
    const allocated = allocations();
    for (let i = 0; i < 3; i++) sent(i);
    expect(near.writableLength).toBe(0);
    expect(allocated).not.toHaveBeenCalled();
    near.destroy();
    far.destroy();
  });

  test('a batch that is stuck stays as it is, whatever others send meanwhile', async () => {
    const [stuck, other] = [await socketPair(), await socketPair()];
    const owner = { drained: () => {}, socket: null };
    const [slow, quick] = [new Sender(owner, stuck.near, 'server'), new Sender(owner, other.near, 'server')];
    other.far.resume();
    let count = 0;
    while (!slow.isBlocked) {
      for (let i = 0; i < 16; i++) slow.binary(Buffer.alloc(1_000, count++ % 251));
      slow.flush();
      for (let i = 0; i < 16; i++) quick.binary(Buffer.alloc(1_000, 255));
      quick.flush();
    }
    const received: Buffer[] = [];
    let missing = count * 1_004;
    stuck.far.on('data', (bytes: Buffer) => {
      received.push(bytes);
      missing -= bytes.length;
      if (missing === 0) stuck.near.end();
    });
    await once(stuck.far, 'end');
    const frames = readWire(Buffer.concat(received));
    expect(frames).toHaveLength(count);
    expect(frames.every(({ frame }, at) => frame.payload.equals(Buffer.alloc(1_000, at % 251)))).toBe(true);
    for (const socket of [stuck.near, stuck.far, other.near, other.far]) socket.destroy();
  });
});
