import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { SharedReads } from '../../../src/duplex/shared-reads.js';
import { readFieldsOf, tellOfRead } from '../../support/read-fields.js';
import { socketPair } from '../../support/socket-pair.js';
import { turn, turns } from '../../support/streams.js';
import { TLS_TRANSPORT } from '../../support/tls-transport.js';
import { afterTest } from '../../support/web-sockets.js';

async function pair() {
  const ends = await socketPair();
  afterTest(() => {
    ends.near.destroy();
    ends.far.destroy();
  });
  return ends;
}

/** Shared reads, the text that each of their sockets has read, and the memory that it lay in. */
function reads(during: (socket: Duplex) => void = () => {}) {
  const texts = new Map<Duplex, string>();
  const memory = new Set<ArrayBufferLike>();
  const spoiled = jest.fn();
  const taken = (socket: Duplex, bytes: Buffer) => {
    texts.set(socket, (texts.get(socket) ?? '') + bytes.toString());
    memory.add(bytes.buffer);
    during(socket);
  };
  return { shared: new SharedReads({ taken, spoiled }), texts, memory, spoiled };
}

/** Makes `socket` flow with these shared reads, and answers with what comes by 'data'. */
function flowing(shared: SharedReads, socket: Socket): string[] {
  const chunks: string[] = [];
  expect(shared.share(socket)).toBe(true);
  socket.on('data', (chunk) => chunks.push(chunk.toString()));
  return chunks;
}

test('sockets are read into the same memory, past their data event', async () => {
  const { shared, texts, memory } = reads();
  const pairs = [await pair(), await pair()];
  const chunks = pairs.map(({ near }) => flowing(shared, near));
  for (const [at, { far }] of pairs.entries()) far.write(`to ${at}`);
  while (texts.size < 2) await turn();
  expect(pairs.map(({ near }) => texts.get(near))).toEqual(['to 0', 'to 1']);
  expect(chunks).toEqual([[], []]);
  expect(memory.size).toBe(1);
  expect(pairs.map(({ near }) => near.bytesRead)).toEqual([4, 4]);
});

test('a socket of a Unix domain is as good', async () => {
  const { shared, texts } = reads();
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-'));
  const path = join(folder, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const far = connect(path);
  const [near] = (await once(server, 'connection')) as [Socket];
  afterTest(() => {
    for (const socket of [near, far]) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  flowing(shared, near);
  far.end('bytes');
  await once(near, 'end');
  expect(texts.get(near)).toBe('bytes');
});

describe('not shared, and left as it was, is', () => {
  test.each<[string, (socket: Socket) => unknown]>([
    ['one with a listener for data', (socket) => socket.on('data', () => {})],
    ['one with a listener for readable', (socket) => socket.on('readable', () => {})],
    ['one whose push is somebody’s own', (socket) => Object.assign(socket, { push: () => true })],
    ['one that was destroyed', (socket) => socket.destroy()],
    [
      'one whose handle does not know how',
      (socket) => Object.assign((socket as unknown as { _handle: object })._handle, { useUserBuffer: null }),
    ],
  ])('%s', async (_, change) => {
    const { near } = await pair();
    change(near);
    expect(reads().shared.share(near)).toBe(false);
    expect(readFieldsOf(near)).toEqual({ kBuffer: null, kBufferCb: null });
  });

  test('one that has not been connected', () => {
    expect(reads().shared.share(new Socket())).toBe(false);
  });

  test('one that reads into memory of its owner', async () => {
    const buffer = Buffer.alloc(10);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback: () => true } });
    await once(socket, 'connect');
    expect(reads().shared.share(socket)).toBe(false);
    expect(readFieldsOf(socket).kBuffer).toBe(buffer);
    socket.destroy();
    server.close();
  });

  test('TLS, whose handle may read within a call of ours, and any other stream', async () => {
    const ends = await TLS_TRANSPORT.open();
    for (const end of [...ends, new PassThrough()]) expect(reads().shared.share(end)).toBe(false);
    for (const end of ends) end.destroy();
  });

  test('any, on a runtime that keeps these fields elsewhere', async () => {
    const { near } = await pair();
    const { shared } = reads();
    const symbols = jest.spyOn(Object, 'getOwnPropertySymbols').mockReturnValue([]);
    expect(shared.share(near)).toBe(false);
    symbols.mockRestore();
    // It does not look again.
    expect(shared.share(near)).toBe(false);
  });
});

test('what comes while the socket is paused waits in it, and comes first', async () => {
  const order: string[] = [];
  const { shared, texts } = reads(() => order.push('shared'));
  const { near, far } = await pair();
  const chunks = flowing(shared, near);
  near.on('data', () => order.push('data'));
  near.pause();
  // Node does this by itself, too, where a stream has room.
  near.read(0);
  far.write('first');
  while (near.readableLength < 5) await turn();
  expect([...chunks, ...texts.values()]).toEqual([]);
  near.resume();
  // Not yet handed over: what comes now is behind it.
  expect(near.readableLength).toBe(5);
  far.write('second');
  while (!texts.has(near)) await turn();
  expect([chunks, texts.get(near), order]).toEqual([['first'], 'second', ['data', 'shared']]);
});

test('a read before the bytes that wait have been handed over waits behind them', async () => {
  const { shared, texts } = reads();
  const { near } = await pair();
  const chunks = flowing(shared, near);
  near.pause();
  const memory = readFieldsOf(near).kBuffer as Buffer;
  memory.write('one');
  tellOfRead(near, 3);
  near.resume();
  memory.write('two');
  tellOfRead(near, 3);
  memory.write('xxx');
  await turns(2);
  expect(chunks.join('')).toBe('onetwo');
  expect(texts.size).toBe(0);
});

test('who runs the event loop within itself spoils what was being taken, and hears of it', async () => {
  const [one, two] = [await pair(), await pair()];
  const { shared, texts, spoiled } = reads((socket) => {
    if (socket === one.near) tellOfRead(two.near, 1);
  });
  for (const { near } of [one, two]) flowing(shared, near);
  tellOfRead(one.near, 1);
  expect(spoiled.mock.calls).toEqual([[one.near, expect.any(Error)]]);
  expect([...texts.keys()]).toEqual([one.near, two.near]);
  tellOfRead(one.near, 0);
  expect(spoiled).toHaveBeenCalledTimes(2);
});

test('what a taker throws is thrown, and nothing is spoiled by it', async () => {
  const { near } = await pair();
  let isOver = false;
  const { shared, spoiled } = reads(() => {
    if (!isOver) throw new RangeError('yours');
  });
  flowing(shared, near);
  expect(() => tellOfRead(near, 1)).toThrow(RangeError);
  isOver = true;
  expect(tellOfRead(near, 1)).toBe(true);
  expect(spoiled).not.toHaveBeenCalled();
});

describe('a socket that always has more', () => {
  const FULL = 262_144;

  test('waits for the next turn after 2 MiB, unless somebody has paused it', async () => {
    const { near } = await pair();
    flowing(reads().shared, near);
    const resume = jest.spyOn(near, 'resume');
    const turnOf = (sizes: readonly number[]) => sizes.map((size) => tellOfRead(near, size));
    const full = new Array<number>(8).fill(FULL);
    expect(turnOf(full)).toEqual([...new Array(7).fill(true), false]);
    expect(resume).not.toHaveBeenCalled();
    await turns(1);
    expect(resume).toHaveBeenCalledTimes(1);
    expect(turnOf(full).at(-1)).toBe(false);
    near.pause();
    await turns(1);
    expect(resume).toHaveBeenCalledTimes(1);
  });

  test('does not wait when a read was not full', async () => {
    const { near } = await pair();
    flowing(reads().shared, near);
    const sizes = [...new Array<number>(7).fill(FULL), FULL - 1, ...new Array<number>(7).fill(FULL)];
    expect(sizes.map((size) => tellOfRead(near, size))).toEqual(sizes.map(() => true));
  });
});
