import fc from 'fast-check';
import type { Frame } from '../../../../src/codec/frame.js';
import { FrameDeflater, type FrameDeflaterOptions } from '../../../../src/deflate/stream/frame-deflater.js';
import { FrameInflater } from '../../../../src/deflate/stream/frame-inflater.js';
import { UsageError } from '../../../../src/errors.js';
import { frameSequences } from '../../../support/arbitraries.js';
import { binary, close, continuation, frameOf, ping, text } from '../../../support/frames.js';
import { collect, feed } from '../../../support/streams.js';

const AGREED = [{ name: 'permessage-deflate', parameters: [] }];
const LONG = 'long enough, long enough, long enough, long enough, long enough';
const stage = (options: Partial<FrameDeflaterOptions> = {}) =>
  new FrameDeflater({ role: 'client', extensions: AGREED, deflate: { threshold: 50 }, ...options });

async function through(frames: readonly Frame[], options?: Partial<FrameDeflaterOptions>): Promise<Frame[]> {
  const deflater = stage(options);
  const [out] = await Promise.all([collect<Frame>(deflater), feed(deflater, frames)]);
  return out;
}

async function back(frames: readonly Frame[]): Promise<Frame[]> {
  const inflater = new FrameInflater({ role: 'server', extensions: AGREED });
  const [out] = await Promise.all([collect<Frame>(inflater), feed(inflater, frames)]);
  return out;
}

/** The messages in a run of frames, fragments put together, and its control frames. */
function meaning(frames: readonly Frame[]): string[] {
  const said: string[] = [];
  let open = '';
  for (const { opcode, fin, payload } of frames) {
    if (opcode >= 8) said.push(`${opcode} ${payload.toString('hex')}`);
    else open += `${opcode === 0 ? '' : `${opcode} `}${payload.toString('hex')}`;
    if (opcode < 8 && fin) {
      said.push(open);
      open = '';
    }
  }
  return said;
}

const shape = ({ opcode, fin, rsv1 }: Frame) => `${opcode}${rsv1 ? '+rsv1' : ''}${fin ? '' : '…'}`;

test('long messages are compressed, short and control ones pass', async () => {
  const out = await through([text(LONG), text('short'), ping(), binary(LONG), close(1000)]);
  expect(out.map(shape)).toEqual(['1+rsv1', '1', '9', '2+rsv1', '8']);
  expect(out[3]?.payload.length).toBeLessThan(20);
  expect(meaning(await back(out))).toEqual(meaning([text(LONG), text('short'), ping(), binary(LONG), close(1000)]));
});

test('RSV1 stands on the first fragment only, and every fragment can be read at once', async () => {
  const frames = [text(LONG, false), ping(), continuation('', false), continuation('more', false), continuation('')];
  const out = await through(frames);
  expect(out.map(shape)).toEqual(['1+rsv1…', '9', '0…', '0']);
  const plain = await back(out);
  expect(plain.map(({ payload }) => payload.toString())).toEqual([LONG, '', 'more', '']);
});

test('a message over 64 KiB leaves as fragments, one that does not shrink as it is', async () => {
  const big = Buffer.alloc(200_000, LONG);
  const out = await through([binary(big)]);
  expect(out.at(0)).toMatchObject({ opcode: 2, rsv1: true });
  expect(meaning(await back(out))).toEqual(meaning([binary(big)]));
  const noise = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  expect((await through([binary(noise)])).map(shape)).toEqual(['2']);
});

test('what must not be compressed is not: by the user’s word, because it is already, without an agreement', async () => {
  const shouldCompress = ({ opcode }: Frame) => opcode !== 1;
  expect((await through([text(LONG), binary(LONG)], { shouldCompress })).map(shape)).toEqual(['1', '2+rsv1']);
  const done = frameOf(1, LONG, { rsv1: true });
  expect(await through([done])).toEqual([done]);
  expect((await through([text(LONG)], { extensions: [] })).map(shape)).toEqual(['1']);
  expect(() => stage({ shouldCompress: true as never })).toThrow(UsageError);
});

test('any frames: what the inflater gives back means what went in', async () => {
  const law = fc.asyncProperty(frameSequences({ maxBytes: 70_000 }), fc.nat(100), async ({ frames }, threshold) => {
    const out = await through(frames, { deflate: { threshold } });
    expect(out.every(({ opcode, rsv1 }) => !rsv1 || opcode === 1 || opcode === 2)).toBe(true);
    expect(meaning(await back(out))).toEqual(meaning(frames));
  });
  await fc.assert(law, { numRuns: 60 });
});

test('a frame of 8 MiB, compressed and inflated again: the event loop has turns in between, at both stages', async () => {
  let [turns, counter] = [0, setImmediate(() => {})];
  const count = () => {
    turns++;
    counter = setImmediate(count);
  };
  count();
  const payload = Buffer.alloc(2 ** 23, LONG);
  const out = await through([binary(payload)]);
  const compressing = turns;
  const plain = await back(out);
  clearImmediate(counter);
  expect(Buffer.concat(plain.map((frame) => frame.payload)).equals(payload)).toBe(true);
  expect(compressing).toBeGreaterThanOrEqual(127);
  expect(turns - compressing).toBeGreaterThanOrEqual(7);
});
