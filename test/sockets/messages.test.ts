/** What may be written, and how it is read, over real sockets; the wire in between as frames. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { MessageStream } from '../../src/duplex/message-stream.js';
import type { WritableMessage } from '../../src/duplex/outgoing.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { UsageError } from '../../src/errors.js';
import { binary, continuation, labelOf, text } from '../support/frames.js';
import { collect, turns } from '../support/streams.js';
import { both, facing, lifeOf, next } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const BYTES = hex`00 01 7f 80 fe ff 55 aa`;
const shared = Uint8Array.from(BYTES).buffer;
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as readonly (new (
  memory: ArrayBuffer,
) => ArrayBufferView)[];

async function* pieces<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await turns(1);
    yield item;
  }
}

describe.each(['server', 'client'] as const)('a %s writes', (role) => {
  /** The frames that a message becomes, as labels. */
  async function wireOf(message: WritableMessage): Promise<string[]> {
    const { ws, peer } = await facing({ role });
    ws.end(message);
    await peer.closed();
    return peer.frames.slice(0, -1).map(labelOf);
  }

  test.each([
    ['a string', 'Grüße 😀', text('Grüße 😀')],
    ['an empty string', '', text('')],
    ['a Buffer', Buffer.from(BYTES), binary(BYTES)],
    ['an empty Buffer', Buffer.alloc(0), binary('')],
    ['an ArrayBuffer', shared, binary(BYTES)],
    ['a view of a part', new Uint8Array(shared, 2, 3), binary(BYTES.subarray(2, 5))],
    ['a prepared text', prepare('Grüße'), text('Grüße')],
    ['prepared bytes', prepare(BYTES), binary(BYTES)],
  ])('%s as one frame', async (_, message, frame) => {
    expect(await wireOf(message)).toEqual([labelOf(frame)]);
  });

  test.each(VIEWS.map((View) => [View.name, new View(shared)] as const))('a %s byte for byte', async (_, view) => {
    expect(await wireOf(view)).toEqual([labelOf(binary(BYTES))]);
  });

  const HELLO = [text('Hel', false), continuation('lo', false), continuation('')].map(labelOf);
  const RAW = [binary(BYTES, false), continuation('')].map(labelOf);

  test.each([
    ['a Readable of strings', () => Readable.from(['Hel', 'lo']), HELLO],
    ['a Readable of Buffers', () => Readable.from([BYTES]), RAW],
    ['a sync iterable', () => new Set(['Hel', 'lo']), HELLO],
    ['a sync generator', () => [BYTES].values(), RAW],
    ['an async iterable', () => pieces('Hel', 'lo'), HELLO],
    ['an iterable of nothing', () => [], [labelOf(binary(''))]],
    ['empty pieces', () => pieces('', ''), [text('', false), continuation('', false), continuation('')].map(labelOf)],
  ] as const)('%s as one message, a fragment a piece', async (_, make, frames) => {
    expect(await wireOf(make())).toEqual(frames);
  });

  test('a character cut between two pieces stays whole', async () => {
    const [high = '', low = ''] = '😀'.split('');
    expect(await wireOf(pieces(`a${high}`, '', `${low}b`))).toEqual(
      [text('a', false), continuation('', false), continuation('😀b', false), continuation('')].map(labelOf),
    );
  });

  test('half a character that stays alone is replaced', async () => {
    expect(await wireOf(pieces('a\ud83d'))).toEqual([text('a', false), continuation('\ufffd')].map(labelOf));
  });

  test.each([
    ['a number', 42],
    ['null', null],
    ['undefined', undefined],
    ['an object', { byteLength: 10 }],
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['true', true],
    ['a bigint', 1n],
  ])('%s never: a UsageError at once, and nothing on the wire', async (_, wrong) => {
    const { ws, peer } = await facing({ role });
    expect(() => ws.write(wrong as never)).toThrow(UsageError);
    ws.end('fine');
    await peer.closed();
    expect(peer.frames.map(labelOf)).toEqual([labelOf(text('fine')), '8 03e8']);
    expect(ws.stats.messagesSent).toBe(1);
  });

  test.each([
    ['an array of numbers', [1, 2, 3]],
    ['pieces that are null', [null]],
    ['an object in a Readable', Readable.from([{ length: 10 }])],
    ['a string in a binary message', Readable.from([BYTES, 'text'])],
  ])('%s never: the socket fails with a UsageError, and no such byte leaves', async (_, wrong) => {
    const { ws, peer } = await facing({ role });
    const { over, errors } = lifeOf(ws);
    ws.write(wrong as never);
    await over;
    await peer.ended();
    expect(errors).toEqual([expect.any(UsageError)]);
    expect(peer.frames.filter(({ payload, fin }) => fin && payload.length > 0)).toEqual([]);
  });

  test('a source that fails takes the connection with it: 1011, the message unfinished', async () => {
    const { ws, peer } = await facing({ role });
    const { errors } = lifeOf(ws);
    const source = new Readable({ read() {} });
    source.push('begun');
    ws.write(source);
    await peer.until(() => peer.frames.length === 1);
    source.destroy(new Error('disk'));
    expect(await peer.closed()).toEqual({ code: 1011, reason: '' });
    expect(peer.frames.map(labelOf)).toEqual([labelOf(binary('begun', false)), '8 03f3']);
    expect(errors).toMatchObject([{ message: 'disk' }]);
  });
});

test('a source that fails before its turn has come is an error of the socket, not of the process', async () => {
  const { ws, peer } = await facing();
  const { over, errors } = lifeOf(ws);
  ws.write(pieces('first'));
  const source = new Readable({ read() {} });
  ws.write(source);
  source.destroy(new Error('no such file'));
  await over;
  expect(errors).toMatchObject([{ message: 'no such file' }]);
  expect(await peer.closed()).toMatchObject({ code: 1011 });
});

test('a source is let go when the connection ends first', async () => {
  const { ws, peer } = await facing();
  const source = new Readable({ read() {} });
  source.push('begun');
  ws.write(source);
  await peer.until(() => peer.frames.length === 1);
  ws.destroy();
  await once(source, 'close');
});

test('a text source with a type of its own is sent as text although its pieces are Buffers', async () => {
  const { ws, peer } = await facing();
  ws.write(Object.assign(Readable.from([Buffer.from('Grü'), Buffer.from('ße')]), { type: 'text' }));
  await peer.until(() => peer.frames.length === 3);
  expect(peer.frames.map(({ opcode }) => opcode)).toEqual([1, 0, 0]);
});

describe('reading', () => {
  const FRAGMENTED = [
    text(Buffer.from('Gr\u00fc').subarray(0, 3), false),
    continuation(hex`bc 73`, false),
    continuation(''),
  ];

  test("'message': strings and Buffers, fragments joined", async () => {
    const { ws, peer } = await facing();
    peer.send(...FRAGMENTED, binary(BYTES), text(''), binary(''));
    peer.sendClose(1000);
    expect(await collect(ws)).toEqual(['Grüs', Buffer.from(BYTES), '', Buffer.alloc(0)]);
  });

  test("'stream': a message is there before its last byte is", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    peer.send(text('begun', false));
    const message = (await next(ws)) as MessageStream;
    expect(message).toBeInstanceOf(MessageStream);
    expect(message.type).toBe('text');
    expect(String(await next(message as never))).toBe('begun');
    peer.send(continuation(', ended'));
    expect(await message.text()).toBe(', ended');
  });

  test("'stream': text, json and bytes", async () => {
    const { client, server } = await both({ server: { readAs: 'stream' } });
    client.write('{"a":1}');
    client.write('Grüße');
    client.write(BYTES);
    client.end();
    const read = [];
    for await (const message of server as AsyncIterable<MessageStream>) {
      read.push(message.type, await (read.length === 0 ? message.json() : message.bytes()));
    }
    expect(read).toEqual(['text', { a: 1 }, 'text', Buffer.from('Grüße'), 'binary', Buffer.from(BYTES)]);
  });

  test("'stream': what is echoed keeps its type", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    ws.pipe(ws);
    peer.send(text('Grüße'), binary(BYTES), text(''));
    peer.sendClose(1000);
    await peer.closed();
    const types = peer.frames.filter(({ opcode }) => opcode === 1 || opcode === 2).map(({ opcode }) => opcode);
    expect(types).toEqual([1, 2, 1]);
    const payload = Buffer.concat(peer.frames.slice(0, -1).map((frame) => frame.payload));
    expect(payload).toEqual(Buffer.concat([Buffer.from('Grüße'), BYTES]));
  });

  test("'bytes': boundaries dissolve", async () => {
    const { ws, peer } = await facing({ readAs: 'bytes' });
    peer.send(...FRAGMENTED, binary(BYTES), text(''));
    peer.sendClose(1000);
    expect(Buffer.concat(await collect<Buffer>(ws))).toEqual(Buffer.concat([Buffer.from('Grüs'), BYTES]));
  });

  test('a message that is cut off fails its stream, and the socket', async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const { errors } = lifeOf(ws);
    peer.send(text('begun', false));
    const message = (await next(ws)) as MessageStream;
    const whole = message.text();
    peer.socket.end();
    await expect(whole).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF' }]);
  });

  test('text that turns bad in the middle of a frame fails at that byte, with 1007', async () => {
    for (const readAs of ['message', 'stream', 'bytes'] as const) {
      const { ws, peer } = await facing({ readAs });
      const { over, errors } = lifeOf(ws.resume());
      peer.send(hex`01 fe 03e8 00000000 48 ff`);
      expect(await peer.closed()).toMatchObject({ code: 1007 });
      expect(await over).toMatchObject({ code: 1007, sent: { code: 1007 } });
      expect(errors).toMatchObject([{ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 1, offset: 0, frame: 0 } }]);
    }
  });
});

describe('an abandoned message', () => {
  async function* messagesOf(ws: AsyncIterable<unknown>): AsyncGenerator<MessageStream> {
    for await (const message of ws) yield message as MessageStream;
  }

  test("'drain', the default: its rest is skipped and the next message comes", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const messages = messagesOf(ws);
    peer.send(binary('begun', false));
    const first = (await messages.next()).value as MessageStream;
    first.destroy();
    peer.send(continuation(Buffer.alloc(300_000), false), continuation('end'), text('next'));
    const second = (await messages.next()).value as MessageStream;
    expect(await second.text()).toBe('next');
  });

  test("'drain': a rest that was held up by the reader goes on as well", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const messages = messagesOf(ws);
    peer.send(binary(Buffer.alloc(900_000)), text('next'));
    const first = (await messages.next()).value as MessageStream;
    await once(first, 'readable');
    first.destroy();
    const second = (await messages.next()).value as MessageStream;
    expect(await second.text()).toBe('next');
  });

  test("'fail': the peer is told 1011, the error has a name", async () => {
    const { ws, peer } = await facing({ readAs: 'stream', abandoned: 'fail' });
    const { over, errors } = lifeOf(ws);
    peer.send(binary('begun', false));
    ((await next(ws)) as MessageStream).destroy();
    expect(await peer.closed()).toMatchObject({ code: 1011 });
    expect(await over).toMatchObject({ code: 1011 });
    expect(errors).toMatchObject([{ code: 'ERR_WS_ABANDONED', closeCode: 1011 }]);
  });

  test("'fail': a message that was read to its end may be destroyed", async () => {
    const { ws, peer } = await facing({ readAs: 'stream', abandoned: 'fail' });
    peer.send(text('whole'), text('next'));
    const messages = messagesOf(ws);
    const first = (await messages.next()).value as MessageStream;
    expect(await first.text()).toBe('whole');
    first.destroy();
    expect(await ((await messages.next()).value as MessageStream).text()).toBe('next');
  });
});
