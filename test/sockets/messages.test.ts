/** What may be written, over real sockets; the wire as frames. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { WritableMessage } from '../../src/duplex/outgoing.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { UsageError } from '../../src/errors.js';
import { binary, continuation, labelOf, text } from '../support/frames.js';
import { turns } from '../support/streams.js';
import { facing, lifeOf } from '../support/web-sockets.js';
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
