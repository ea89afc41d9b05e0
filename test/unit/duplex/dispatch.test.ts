import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { PASSING_MEMORY } from '../../../src/codec/passing-memory.js';
import type { DeflateOptions } from '../../../src/deflate/options.js';
import { dispatch } from '../../../src/duplex/dispatch.js';
import {
  type MessageOptions,
  PassingText,
  type QueuedMessage,
  type SendFragment,
  type WritableMessage,
} from '../../../src/duplex/outgoing.js';
import { prepare } from '../../../src/duplex/prepared-message.js';
import { Sender } from '../../../src/duplex/sender.js';
import { sessionDeflate } from '../../../src/duplex/session-deflate.js';
import { UsageError } from '../../../src/errors.js';
import { AGREED, compression, readMessages } from '../../support/deflate.js';
import { readWire } from '../../support/frames.js';
import { readAll } from '../../support/streams.js';

const TEXT = 'a text that is repeated, a text that is repeated, a text that is repeated';

/** A sender over a transport that takes everything, with compression or without, and the frames that have left. */
function outbound(options: DeflateOptions | null) {
  const transport = new PassThrough({ highWaterMark: 1 << 24 });
  const sender = new Sender({ drained: () => {}, socket: null }, transport, 'server');
  const deflate = options === null ? null : sessionDeflate(AGREED, 'server', compression(options), 1_000_000);
  const frames = () => {
    sender.flush();
    return readWire(readAll(transport)).map(({ frame }) => frame);
  };
  const fragment = jest.fn<null, Parameters<SendFragment>>((opcode, fin, payload, rsv1) => {
    sender.frame(opcode, fin, payload, rsv1);
    return null;
  });
  const send = (message: QueuedMessage, how: MessageOptions = {}) =>
    dispatch({ sender, deflate }, message, how, fragment);
  return { send, frames, fragment };
}

describe('a text that passes through', () => {
  const LONG = TEXT.repeat(1_000);
  const bytesOf = (text: string, memory: Buffer = Buffer.allocUnsafe(text.length)) => {
    memory.write(text);
    return memory;
  };

  test.each([
    ['without an agreement', LONG, null, false],
    ['where it is worth it', LONG, {}, true],
    ['where it is compressed at once', TEXT, {}, true],
    ['under the threshold', LONG, { threshold: 1_000_000 }, false],
  ] as const)('%s', async (_, text, options, compressed) => {
    const { send, frames } = outbound(options);
    for (let i = 0; i < 2; i++) await send(new PassingText(bytesOf(text)));
    const sent = { type: 'text', payload: Buffer.from(text), compressed };
    expect(readMessages(frames())).toEqual([sent, sent]);
  });

  test('its memory serves again when it is compressed', async () => {
    const { send } = outbound({});
    const memory = PASSING_MEMORY.take(LONG.length);
    const sent = send(new PassingText(bytesOf(LONG, memory)));
    expect(PASSING_MEMORY.has(LONG.length)).toBe(false);
    await sent;
    expect(PASSING_MEMORY.take(LONG.length).buffer).toBe(memory.buffer);
  });

  test('its memory is what is sent when compressing does not make it smaller', async () => {
    const { send, fragment } = outbound({});
    const memory = PASSING_MEMORY.take(50_000);
    randomBytes(50_000).copy(memory);
    await send(new PassingText(memory));
    expect(fragment.mock.calls[0]?.[2]).toBe(memory);
    expect(PASSING_MEMORY.has(50_000)).toBe(false);
  });
});

const KINDS: readonly [string, () => WritableMessage, 'text' | 'binary'][] = [
  ['a string', () => TEXT, 'text'],
  ['bytes', () => Buffer.from(TEXT), 'binary'],
  ['a view', () => new DataView(Uint8Array.from(Buffer.from(TEXT)).buffer), 'binary'],
  ['an ArrayBuffer', () => Uint8Array.from(Buffer.from(TEXT)).buffer, 'binary'],
  ['a prepared text', () => prepare(TEXT), 'text'],
  ['prepared bytes', () => prepare(Buffer.from(TEXT)), 'binary'],
  ['a Readable', () => Readable.from([TEXT.slice(0, 9), TEXT.slice(9)]), 'text'],
  ['an iterable', () => [Buffer.from(TEXT)], 'binary'],
];

describe.each(KINDS)('%s', (_, make, type) => {
  test.each([
    ['without an agreement', null, {}, false],
    ['where it is worth it', {}, {}, true],
    ['with compress: false', {}, { compress: false }, false],
    ['with compress: true, under the threshold', { threshold: 10_000 }, { compress: true }, true],
  ] as const)('%s', async (_name, options, how, compressed) => {
    const { send, frames } = outbound(options);
    await send(make(), how);
    expect(readMessages(frames())).toEqual([{ type, payload: Buffer.from(TEXT), compressed }]);
  });

  test('nothing is left over when it has gone: the next one can be read', async () => {
    const { send, frames } = outbound({});
    for (let i = 0; i < 3; i++) await send(make());
    await send(TEXT);
    expect(readMessages(frames()).map(({ payload }) => String(payload))).toEqual([TEXT, TEXT, TEXT, TEXT]);
  });
});

test.each([
  ['under the threshold', TEXT.slice(0, 63), {}],
  ['prepared with compress: false', prepare(TEXT, { compress: false }), {}],
  ['that does not become smaller', randomBytes(500), {}],
  ['prepared that does not become smaller', prepare(randomBytes(500)), { compress: true }],
  ['of no bytes', '', { compress: true }],
] as const)('a message %s goes out as it is, in one frame', async (_, message, how) => {
  const { send, frames } = outbound({});
  await send(message, how);
  expect(frames().map(({ fin, rsv1 }) => [fin, rsv1])).toEqual([[true, false]]);
});

test('a word with `write` goes before the word with `prepare`', async () => {
  const { send, frames } = outbound({});
  await send(prepare(TEXT, { compress: false }), { compress: true });
  expect(frames()[0]?.rsv1).toBe(true);
});

test('short messages are with the sender at once; long ones, pieces and a long prepared one, the first time, take time', async () => {
  const { send } = outbound({});
  expect(send(TEXT)).toBeNull();
  expect(send(prepare(TEXT))).toBeNull();
  expect(send(Buffer.alloc(32_768))).toBeNull();
  expect(send(Buffer.alloc(32_769), { compress: false })).toBeNull();
  const message = prepare(Buffer.alloc(32_769));
  const taking = [send(Buffer.alloc(32_769)), send([TEXT]), send(message)];
  expect(taking).toEqual([expect.any(Promise), expect.any(Promise), expect.any(Promise)]);
  await Promise.all(taking);
  expect(send(message)).toBeNull();
});

test('what takes its time leaves through `send`, which knows whether the connection is still there', async () => {
  const { send, fragment, frames } = outbound({});
  fragment.mockImplementation(() => {
    throw new Error('gone');
  });
  for (const message of [Buffer.alloc(100_000), [TEXT], prepare(Buffer.alloc(50_000)), prepare(randomBytes(50_000))]) {
    await expect(send(message)).rejects.toThrow('gone');
  }
  expect(frames()).toEqual([]);
});

test('what is no message: a UsageError', () => {
  expect(() => outbound({}).send(42 as never)).toThrow(UsageError);
});
