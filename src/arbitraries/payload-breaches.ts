/**
 * Breaches that the payload of frames proves (RFC 6455 §5.5.1, §7.4, §8.1, §10.4, RFC 7692 §7.2.2).
 *
 * Knows: bad close frames, text that is not UTF-8 in all the places where it can be, messages that grow too large,
 * compressed data that is none.
 * Does not know: headers (breaches.ts), or what stands before and after (broken-wires.ts).
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import type { Frame } from '../codec/frame.js';
import { type Breach, type BreachMaker, type Circumstances, formFor, framesBreach } from './breach.js';
import { cutAt } from './chunkings.js';
import { badUtf8, texts } from './payloads.js';
import { close, continuation, frameOf, headerOf, ping, text, wireOf } from './raw-frame.js';

/** §5.5.1: a close frame with half a code. Its header proves it. */
export const closeTruncated: BreachMaker = (about) =>
  fc.integer({ min: 0, max: 255 }).map((byte) => framesBreach([frameOf(8, Buffer.from([byte]))], formFor(about), 1));

/** §7.4: codes that must not be on the wire: below 1000, 1004 to 1006, 1015 to 2999, above 4999. */
export const closeCodeInvalid: BreachMaker = (about) => {
  const code = fc.oneof(
    fc.constantFrom(1004, 1005, 1006, 1015, 999, 0, 5000, 65_535),
    fc.integer({ min: 1016, max: 2999 }),
  );
  return fc
    .tuple(code, fc.constantFrom('', 'bye'))
    .map(([value, reason]) => framesBreach([close(value, reason)], formFor(about)));
};

/** §8.1: text that is not UTF-8: in one frame, across fragments, broken off at the end, in the reason of a close. */
export const invalidUtf8: BreachMaker = (about) => {
  if (about.open) return badReasons(about);
  return fc.oneof(badTexts(about), brokenOffTexts(about), badReasons(about));
};

/** §10.4: fragments that come to more than the receiver takes, each of them small enough. The last header proves it. */
export const messageTooBig: BreachMaker = (about) => {
  const { maxFrameBytes, maxMessageBytes } = about;
  const step = Math.max(Math.min(maxFrameBytes, maxMessageBytes), 1);
  return fc.integer({ min: 1, max: Math.min(step, 100) }).map((over) => {
    const frames: Frame[] = [];
    for (let left = maxMessageBytes; left > 0; left -= step) {
      frames.push(frameOf(frames.length === 0 ? 2 : 0, Buffer.alloc(Math.min(step, left)), { fin: false }));
    }
    const last = frameOf(frames.length === 0 ? 2 : 0, Buffer.alloc(over));
    const breach = framesBreach([...frames, last], formFor(about));
    const header = headerOf(last, over, formFor(about));
    return { ...breach, proof: (breach.starts.at(-1) ?? 0) + header.length - 1 };
  });
};

/** RFC 7692 §7.2.2: a reserved block type, a stored block whose two lengths do not agree. */
export const invalidDeflate: BreachMaker = (about) =>
  fc.tuple(fc.constantFrom(1, 2), fc.constantFrom('07', '06', '0000000000', '0103000300')).map(([opcode, digits]) => {
    const frame = frameOf(opcode, Buffer.from(digits, 'hex'), { rsv1: true });
    return framesBreach([frame], formFor(about));
  });

function badTexts(about: Circumstances): Arbitrary<Breach> {
  const cut = fc.array(fc.nat(), { maxLength: 3 });
  return fc
    .tuple(texts({ maxBytes: 80 }), badUtf8(), texts({ maxBytes: 80 }), cut)
    .map(([before, bad, after, cuts]) => {
      const payload = Buffer.concat([Buffer.from(before), bad.bytes, Buffer.from(after)]);
      return textBreach(about, payload, cuts, Buffer.byteLength(before) + bad.proof);
    });
}

/** Characters whose last bytes never come: the end of the message proves it. */
function brokenOffTexts(about: Circumstances): Arbitrary<Breach> {
  const lead = fc.constantFrom('c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98');
  const cut = fc.array(fc.nat(), { maxLength: 2 });
  return fc.tuple(texts({ maxBytes: 80 }), lead, cut).map(([before, digits, cuts]) => {
    const payload = Buffer.concat([Buffer.from(before), Buffer.from(digits, 'hex')]);
    return textBreach(about, payload, cuts, payload.length);
  });
}

/** `payload` as a text message in fragments; the byte of it at `bad` proves the breach, or the end of the wire. */
function textBreach(about: Circumstances, payload: Buffer, cuts: readonly number[], bad: number): Breach {
  const places = cuts.map((at) => at % (payload.length + 1)).sort((a, b) => a - b);
  const fragments = cutAt(payload, places).map((piece, at) =>
    (at === 0 ? text : continuation)(piece, at === places.length),
  );
  const frames = fragments.flatMap((fragment, at) => (at === 1 ? [ping(), fragment] : [fragment]));
  return framesBreach(frames, formFor(about), wireIndex(frames, about, bad));
}

/** Where on the wire byte `index` of the message stands. */
function wireIndex(frames: readonly Frame[], about: Circumstances, index: number): number | undefined {
  let passed = 0;
  let offset = 0;
  for (const frame of frames) {
    const size = wireOf(frame, formFor(about)).length;
    const data = frame.opcode > 2 ? 0 : frame.payload.length;
    if (index < passed + data) return offset + size - data + index - passed;
    passed += data;
    offset += size;
  }
  return undefined;
}

function badReasons(about: Circumstances): Arbitrary<Breach> {
  return fc.tuple(texts({ maxBytes: 60 }), badUtf8()).map(([before, bad]) => {
    const reason = Buffer.concat([Buffer.from([3, 232]), Buffer.from(before), bad.bytes]);
    return framesBreach([frameOf(8, reason)], formFor(about));
  });
}
