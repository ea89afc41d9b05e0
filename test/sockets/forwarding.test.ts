/** What is piped from one WebSocket into another is what a listener would have written there, whichever way it goes. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { pipeline } from 'node:stream';
import type { Frame } from '../../src/codec/frame.js';
import { AGREED, compression } from '../support/deflate.js';
import { echoOf, masked, PIPED, someFrames, WATCHED } from '../support/echoes.js';
import { binary, close, labelOf, ping, pong, readWire, sameFrames, text, wireOf } from '../support/frames.js';
import { afterTest, type Facing, facing, TRANSPORTS } from '../support/web-sockets.js';

describe.each(TRANSPORTS)('over $name', ({ open }) => {
  test.each([1, 2, 3, 4, 5, 6])('an echo by pipe is that of a listener, and its counts are (%d)', async (seed) => {
    const wire = masked([...someFrames(seed, 60), close(1000)]);
    const [piped, watched] = await Promise.all(
      [PIPED, WATCHED].map(async (echo) => echoOf(wire, echo, await facing({ ends: await open() }), seed)),
    );
    expect(piped?.errors).toEqual([]);
    expect(watched?.errors).toEqual([]);
    const messages = (frames: readonly Frame[] = []) => frames.filter(({ opcode }) => opcode !== 10);
    expect(sameFrames(messages(piped?.frames), messages(watched?.frames))).toBe(true);
    expect(piped?.counts).toEqual(watched?.counts);
  });

  test.each<[string, Buffer]>([
    ['a text that is none', masked([text('fine'), { ...binary(Buffer.of(0xff)), opcode: 1 }])],
    ['a long text that is none', masked([text('fine'), { ...binary(Buffer.alloc(5_000, 0xc3)), opcode: 1 }])],
    [
      'a message over the limit',
      masked([...Array.from({ length: 30 }, () => binary('x'.repeat(900))), binary('x'.repeat(6_001))]),
    ],
    ['a frame that is not masked', Buffer.concat([masked(new Array(40).fill(text('x'))), wireOf(binary('bare'))])],
    ['a reserved opcode', masked([...new Array(2_000).fill(binary('1234')), { ...binary('x'), opcode: 3 as never }])],
  ])('%s fails it in the same place', async (_, wire) => {
    const [piped, watched] = await Promise.all(
      [PIPED, WATCHED].map(async (echo) =>
        echoOf(wire, echo, await facing({ ends: await open(), maxMessageBytes: 6_000 }), 1),
      ),
    );
    expect(piped?.errors).toHaveLength(1);
    expect(piped?.errors).toEqual(watched?.errors);
    expect(piped?.frames.map(labelOf)).toEqual(watched?.frames.map(labelOf));
  });
});

/** Messages of 1.5 MB: more than two sockets hold. */
const COUNT = 12;

const FEW = [...new Array(20).fill(text('Grüße')), ...new Array(20).fill(text('ASCII')), binary('x'.repeat(300_000))];
const LABELS = FEW.map(labelOf);

/** Sends a few messages to `ws`, which is piped already; resolves when they have come back to `from`. */
async function fewBack({ peer }: Facing, from = peer): Promise<void> {
  peer.socket.write(masked(FEW));
  while (from.frames.length < FEW.length) await once(from.socket, 'heard');
  expect(from.frames.map(labelOf)).toEqual(LABELS);
}

test('nothing is read, unless somebody listens as well', async () => {
  for (const echo of [PIPED, WATCHED]) {
    const one = await facing();
    echo(one.ws);
    await fewBack(one);
    expect(one.ws.readableDidRead).toBe(echo === WATCHED);
  }
});

test('by pipeline as well, and from one into another, which masks what it sends as a client', async () => {
  const [source, target] = [await facing(), await facing({ role: 'client' })];
  const done = new Promise((resolve) => pipeline(source.ws, target.ws, resolve));
  await fewBack(source, target.peer);
  expect(readWire(target.peer.bytes).every(({ key }) => key !== null)).toBe(true);
  expect(source.ws.readableDidRead).toBe(false);
  source.ws.destroy(new Error('enough'));
  expect(await done).toMatchObject({ message: 'enough' });
});

describe('who could see a message sees all of them', () => {
  const texts = (seen: readonly unknown[]) => seen.map((message) => (typeof message === 'string' ? message : 'bytes'));
  const all = texts(FEW.map(({ opcode, payload }) => (opcode === 1 ? payload.toString() : payload)));

  test('in a second listener', async () => {
    const one = await facing();
    const seen: unknown[] = [];
    one.ws.pipe(one.ws);
    one.ws.on('data', (message) => seen.push(message));
    await fewBack(one);
    expect(texts(seen)).toEqual(all);
  });

  test("in a listener that has taken the place of pipe's", async () => {
    const one = await facing();
    const seen: unknown[] = [];
    one.ws.pipe(one.ws);
    one.ws.removeAllListeners('data').on('data', (message) => {
      seen.push(message);
      one.ws.write(message);
    });
    await fewBack(one);
    expect(texts(seen)).toEqual(all);
  });

  test.each(['write', '_write', 'push', 'emit'] as const)('in a %s of its own', async (method) => {
    const one = await facing();
    const seen: unknown[] = [];
    const before = one.ws[method] as (...all: unknown[]) => unknown;
    Object.defineProperty(one.ws, method, {
      value(...given: unknown[]) {
        if (method !== 'emit') seen.push(given[0]);
        else if (given[0] === 'data') seen.push(given[1]);
        return before.apply(this, given);
      },
    });
    one.ws.pipe(one.ws);
    await fewBack(one);
    expect(texts(seen)).toEqual(all);
  });

  test.each(['message', 'frame'])('at the channel framepipe:%s', async (name) => {
    const one = await facing();
    const directions: string[] = [];
    const listener = (about: unknown) => directions.push((about as { direction: string }).direction);
    subscribe(`framepipe:${name}`, listener);
    afterTest(() => unsubscribe(`framepipe:${name}`, listener));
    one.ws.pipe(one.ws);
    await fewBack(one);
    for (const way of ['in', 'out']) expect(directions.filter((one) => one === way)).toHaveLength(FEW.length);
  });
});

test('what was written before goes first, and what is corked waits', async () => {
  const one = await facing();
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  one.ws.write(
    (async function* pieces() {
      yield 'begun';
      await gate;
    })(),
  );
  one.ws.pipe(one.ws);
  one.peer.send(text('forwarded'));
  await once(one.ws, 'data');
  one.ws.cork();
  release();
  one.peer.send(text('corked'));
  await once(one.ws, 'data');
  one.ws.uncork();
  while (one.peer.frames.length < 4) await once(one.peer.socket, 'heard');
  expect(one.peer.frames.map(({ payload }) => payload.toString())).toEqual(['begun', '', 'forwarded', 'corked']);
});

test('into a WebSocket that compresses they are compressed', async () => {
  const source = await facing();
  const target = await facing({ compression: compression({ threshold: 0 }), agreement: { extensions: AGREED } });
  source.ws.pipe(target.ws);
  source.peer.send(text('x'.repeat(1_000)));
  await once(target.peer.socket, 'heard');
  expect(target.peer.frames).toMatchObject([{ rsv1: true }]);
});

test('after unpipe they go to the next reader', async () => {
  const one = await facing();
  one.ws.pipe(one.ws);
  await fewBack(one);
  one.ws.unpipe(one.ws);
  one.peer.send(text('yours'));
  expect((await once(one.ws.resume(), 'data'))[0]).toBe('yours');
  expect(one.peer.frames).toHaveLength(FEW.length);
});

test.each([0, 1, 9])('who unpipes in the middle of a chunk has the rest of it: after %i messages', async (count) => {
  const { ws, peer } = await facing();
  const heard: unknown[] = [];
  ws.pipe(ws).once('ping', () => {
    ws.unpipe(ws).resume();
    ws.on('data', (message) => heard.push(message));
  });
  const piped = new Array<Frame>(count).fill(text('echo'));
  peer.socket.write(masked([...piped, ping('now'), text('yours'), binary('too'), text('end')]));
  while (!heard.includes('end')) await once(ws, 'data');
  expect(heard).toEqual(['yours', Buffer.from('too'), 'end']);
  while (peer.frames.length <= count) await once(peer.socket, 'heard');
  expect(peer.frames.map(labelOf)).toEqual([...piped, pong('now')].map(labelOf));
});

test('a peer that does not read holds its own messages up, and their memory is not used for others', async () => {
  const [stuck, busy] = [await facing({ reading: false, maxBufferedBytes: 1 }), await facing()];
  for (const { ws } of [stuck, busy]) ws.pipe(ws);
  const large = (name: string, count: number) => binary(Buffer.alloc(1_500_000, `${name} ${count}, `));
  const paused = once(stuck.ws, 'pause');
  for (let count = 0; count < COUNT; count++) stuck.peer.socket.write(masked([large('stuck', count)]));
  await paused;
  for (let count = 0; count < COUNT; count++) {
    busy.peer.socket.write(masked([large('busy', count)]));
    while (busy.peer.heardBytes < (count + 1) * 1_500_010) await once(busy.peer.socket, 'heard');
  }
  stuck.peer.read();
  while (stuck.peer.heardBytes < COUNT * 1_500_010) await once(stuck.peer.socket, 'heard');
  for (const [{ peer }, name] of [
    [stuck, 'stuck'],
    [busy, 'busy'],
  ] as const) {
    expect(
      sameFrames(
        peer.frames,
        Array.from({ length: COUNT }, (_, count) => large(name, count)),
      ),
    ).toBe(true);
  }
});
