import type { Frame } from '../../../../src/codec/frame.js';
import { FrameInflater, type FrameInflaterOptions } from '../../../../src/deflate/stream/frame-inflater.js';
import { bomb, compressed, compression } from '../../../support/deflate.js';
import { binary, close, continuation, frameOf, labelOf, ping, text } from '../../../support/frames.js';
import { collect, failureOf, feed, LIBRARIES, pipelineEnd, turns } from '../../../support/streams.js';

const AGREED = [{ name: 'permessage-deflate', parameters: [] }];
const stage = (options: Partial<FrameInflaterOptions> = {}) =>
  new FrameInflater({ role: 'server', extensions: AGREED, ...options });
const rsv1 = (opcode: number, payload: Buffer, fin = true) => frameOf(opcode, payload, { rsv1: true, fin });

async function through(frames: readonly Frame[], options?: Partial<FrameInflaterOptions>): Promise<string[]> {
  const inflater = stage(options);
  const [out] = await Promise.all([collect<Frame>(inflater), feed(inflater, frames)]);
  return out.map((frame) => `${labelOf({ ...frame, payload: Buffer.alloc(0) })}${frame.payload}`);
}

test('compressed messages come out plain, everything else as it is', async () => {
  const bytes = compressed('Hello, Hello');
  const frames = [
    text('plain'),
    rsv1(1, bytes),
    ping('!'),
    rsv1(2, bytes.subarray(0, 6), false),
    ping('?'),
    continuation(bytes.subarray(6)),
    rsv1(1, Buffer.from([0])),
    close(),
  ];
  const out = await through(frames);
  expect([...out.slice(0, 3), ...out.slice(-2)]).toEqual(['1 plain', '1 Hello, Hello', '9 !', '1 ', '8 ']);
  // How much of a fragment can be inflated before the next one is zlib's affair; the ping stands between.
  const between = out.slice(3, -2);
  expect(between.join('')).toMatch(/^2 …Hello.*9 \?0 /);
  expect(between.map((frame) => frame.replace(/^9 .*|^\d …?/, '')).join('')).toBe('Hello, Hello');
});

test('without an agreement frames pass, and RSV1 is wrong', async () => {
  expect(await through([text('a'), binary('b')], { extensions: [] })).toEqual(['1 a', '2 b']);
  const inflater = stage({ extensions: [] });
  inflater.write(rsv1(1, compressed('a')));
  expect(await failureOf(inflater)).toMatchObject({ code: 'ERR_WS_RESERVED_BIT' });
});

test.each([
  ['a continuation', frameOf(0, 'a', { rsv1: true })],
  ['a ping', frameOf(9, 'a', { rsv1: true })],
])('RSV1 on %s is wrong', async (_, frame) => {
  const inflater = stage();
  inflater.write(rsv1(1, compressed('abc'), false));
  inflater.write(frame);
  inflater.resume();
  expect(await failureOf(inflater)).toMatchObject({ code: 'ERR_WS_RESERVED_BIT', closeCode: 1002 });
});

test.each([
  ['garbage', Buffer.alloc(9, 0xff), 'ERR_WS_INVALID_DEFLATE'],
  ['too much', compressed(Buffer.alloc(1_001)), 'ERR_WS_MESSAGE_TOO_BIG'],
])('%s fails the stage, once', async (_, payload, code) => {
  for (const library of LIBRARIES) {
    const inflater = stage({ maxMessageBytes: 1_000 });
    const sink = new library.Writable({ objectMode: true, write: (_chunk, _encoding, done) => done() });
    const { ended, calls } = pipelineEnd(library, library.Readable.from([rsv1(2, payload)]), inflater, sink);
    expect(await ended).toMatchObject({ code });
    await turns(3);
    expect(calls()).toBe(1);
  }
});

test('a stopped reader of a bomb costs a few slices; destroyed then, it says so once', async () => {
  const shared = compression();
  const inflater = stage({ deflate: shared, maxMessageBytes: Infinity });
  const errors: unknown[] = [];
  inflater.on('error', () => errors.push('uncaught'));
  inflater.write(rsv1(2, bomb(2 ** 28)), (error) => errors.push((error as NodeJS.ErrnoException).code));
  await turns(5);
  expect(inflater.readableLength).toBe(4);
  inflater.destroy();
  await turns(5);
  expect(errors).toEqual(['ERR_STREAM_DESTROYED']);
});
