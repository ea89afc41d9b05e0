/**
 * Arbitraries of wires: what one side sends, as bytes, with what is in them.
 *
 * Knows: who masks; how a hostile peer changes bytes.
 * Does not know: which violation a changed byte makes; broken-wires.ts makes labelled ones.
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import type { Frame, Role } from '../codec/frame.js';
import { labelled } from './labelled.js';
import { describeFrames, type FrameSequence, frameSequences, type SequenceLimit } from './messages.js';
import { maskKeys, type SizeLimit } from './payloads.js';
import { wireOf } from './raw-frame.js';

/** What one side sent: its frames, their bytes, and where in the bytes each frame begins. */
export interface Wire extends FrameSequence {
  /** All frames one after the other, masked when a client sends them. */
  readonly bytes: Buffer;
  /** Offset of the first byte of each frame. */
  readonly starts: readonly number[];
}

/** Wires that `from` may write: a client masks every frame with a key of its own, a server none. */
export function wires(from: Role, limit: SequenceLimit = {}): Arbitrary<Wire> {
  return fc.tuple(frameSequences(limit), keyRings()).map(([sequence, keys]) => {
    const wire = { ...sequence, ...joined(sequence.frames, from, keys) };
    return labelled(wire, () => `${describeFrames(wire.frames)} = ${describeBytes(wire.bytes)}`);
  });
}

/** Masking keys for a wire: frames take them in turn. */
export function keyRings(): Arbitrary<readonly Buffer[]> {
  return fc.array(maskKeys(), { minLength: 1, maxLength: 8 });
}

/** The bytes of a run of frames, and where each begins. */
export function joined(
  frames: readonly Frame[],
  from: Role,
  keys: readonly Buffer[],
): { readonly bytes: Buffer; readonly starts: readonly number[] } {
  const pieces = frames.map((frame, at) => wireOf(frame, from === 'client' ? { key: keys[at % keys.length] } : {}));
  let offset = 0;
  const starts = pieces.map(({ length }) => {
    offset += length;
    return offset - length;
  });
  return { bytes: Buffer.concat(pieces), starts };
}

/** Bytes from a hostile peer: a legal wire with a few bytes changed, dropped or put in; sometimes pure noise. */
export function hostileWires(from: Role, limit: SizeLimit = {}): Arbitrary<Buffer> {
  const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const change = fc.record({
    at: fc.nat(),
    take: fc.integer({ min: 0, max: 2 }),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  const changed = fc
    .tuple(wires(from, limit), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([wire, changes]) =>
      changes.reduce((bytes, { at, take, put }) => {
        const start = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + take)]);
      }, wire.bytes),
    );
  return fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: noise });
}

/** Bytes as hex, long runs cut short. */
export function describeBytes(bytes: Buffer): string {
  const shown = bytes.subarray(0, 64).toString('hex');
  return bytes.length <= 64 ? shown : `${shown}… (${bytes.length} bytes)`;
}
