/**
 * Arbitraries of frames and messages that RFC 6455 allows, without their bytes.
 *
 * Knows: messages, the ways to cut one into fragments, control frames between them.
 * Does not know: the wire (wires.ts). Values shrink towards few, short and whole frames.
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import type { Frame } from '../codec/frame.js';
import { cutAt } from './chunkings.js';
import { labelled } from './labelled.js';
import { payloads, type SizeLimit, texts } from './payloads.js';
import { binary, close, continuation, describeFrame, ping, pong, text } from './raw-frame.js';

/** A message as an app has it. */
export type ArbitraryMessage =
  | {
      /** Which of the two it is. */
      readonly type: 'text';
      /** What it says: whole characters of Unicode. */
      readonly text: string;
      /** The same in UTF-8. */
      readonly payload: Buffer;
    }
  | {
      /** Which of the two it is. */
      readonly type: 'binary';
      /** Its bytes. */
      readonly payload: Buffer;
    };

/** A message in one or more frames, with the control frames that stand between them. */
export interface Fragmentation {
  /** What the frames make together. */
  readonly message: ArbitraryMessage;
  /** In the order of the wire, unmasked. */
  readonly frames: readonly Frame[];
}

/** A legal run of frames, and the messages in it. */
export interface FrameSequence {
  /** In the order of the wire, unmasked. */
  readonly frames: readonly Frame[];
  /** The messages that are complete in them, in order. */
  readonly messages: readonly ArbitraryMessage[];
}

/** How much a run of frames may hold. */
export interface SequenceLimit extends SizeLimit {
  /** Messages and control frames outside of messages. Default 5. */
  readonly maxMessages?: number | undefined;
}

/** Pings and pongs, up to 125 bytes. */
export function controlFrames(): Arbitrary<Frame> {
  return fc
    .tuple(fc.constantFrom(ping, pong), payloads({ maxBytes: 125 }))
    .map(([make, payload]) => described(make(payload)));
}

/** Close codes that may be on the wire (§7.4). */
export function closeCodes(): Arbitrary<number> {
  const ranges = [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ] as const;
  return fc.oneof(...ranges.map(([min, max]) => fc.integer({ min, max })));
}

/** Close frames: without a code, with one, with a reason. */
export function closeFrames(): Arbitrary<Frame> {
  const coded = fc.tuple(closeCodes(), texts({ maxBytes: 123 })).map(([code, reason]) => close(code, reason));
  return fc
    .oneof(
      fc.constant(0).map(() => close()),
      coded,
    )
    .map(described);
}

/** Text and binary messages. */
export function messages(limit: SizeLimit = {}): Arbitrary<ArbitraryMessage> {
  return fc.oneof(
    texts(limit).map((value) => ({ type: 'text' as const, text: value, payload: Buffer.from(value) })),
    payloads(limit).map((payload) => ({ type: 'binary' as const, payload })),
  );
}

/** Single frames that may stand on a wire whose last message is complete: whole messages and control frames. */
export function frames(limit: SizeLimit = {}): Arbitrary<Frame> {
  const data = messages(limit).map(({ type, payload }) => described((type === 'text' ? text : binary)(payload)));
  return fc.oneof({ weight: 3, arbitrary: data }, { weight: 1, arbitrary: controlFrames() }, closeFrames());
}

/** Messages cut into fragments, empty ones included; a character may be cut too. Control frames may stand between them. */
export function fragmentations(limit: SizeLimit = {}): Arbitrary<Fragmentation> {
  const cut = fc.record({ at: fc.nat(), between: fc.array(controlFrames(), { maxLength: 2 }) });
  return fc.tuple(messages(limit), fc.array(cut, { maxLength: 4 })).map(([message, cuts]) => {
    const places = cuts.map(({ at }) => at % (message.payload.length + 1)).sort((a, b) => a - b);
    const first = message.type === 'text' ? text : binary;
    const run = cutAt(message.payload, places).flatMap((payload, at) => {
      const fragment = described((at === 0 ? first : continuation)(payload, at === places.length));
      return [...(at === 0 ? [] : (cuts[at - 1]?.between ?? [])), fragment];
    });
    return labelled({ message, frames: run }, () => describeFrames(run));
  });
}

/** Whole and fragmented messages with control frames before, within and after them; no close frame. */
export function frameSequences(limit: SequenceLimit = {}): Arbitrary<FrameSequence> {
  const entry = fc.oneof(
    { weight: 3, arbitrary: fragmentations(limit) },
    { weight: 1, arbitrary: controlFrames().map((frame) => ({ message: null, frames: [frame] })) },
  );
  return fc.array(entry, { minLength: 1, maxLength: limit.maxMessages ?? 5 }).map((entries) => {
    const run = entries.flatMap((one) => one.frames);
    const found = entries.flatMap(({ message }) => (message === null ? [] : [message]));
    return labelled({ frames: run, messages: found }, () => describeFrames(run));
  });
}

/** A run of frames, for people. */
export function describeFrames(run: readonly Frame[]): string {
  return run.length === 0 ? 'no frames' : run.map(describeFrame).join(', ');
}

function described(frame: Frame): Frame {
  return labelled(frame, () => describeFrame(frame));
}
