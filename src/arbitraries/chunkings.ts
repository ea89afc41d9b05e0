/**
 * Arbitraries of ways to cut a wire into chunks.
 *
 * Knows: where parsers break: within a header, its extended length and its masking key, within a character, before and
 * after a control frame that stands between two fragments.
 * Does not know: the wire. A chunking is made without one, so that both shrink independently; `cutBy` brings them together.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { Frame } from '../codec/frame.js';
import { labelled } from './labelled.js';

/** A place to cut at, counted from a frame of the wire. All numbers wrap around what the wire has. */
export interface CutPlace {
  /** What `byte` counts from: the frame, or its first character of several bytes, if it has one. */
  readonly near: 'start' | 'character';
  /** Which frame, from 0. */
  readonly frame: number;
  /** Bytes from the frame's first one, or from the middle of the first character of several bytes. */
  readonly byte: number;
}

/** A way to cut any wire. */
export type Chunking =
  | {
      /** In one chunk. */
      readonly way: 'whole';
    }
  | {
      /** In chunks of one byte. */
      readonly way: 'byte by byte';
    }
  | {
      /** In chunks that begin where `places` says. */
      readonly way: 'at places';
      /** In any order; twice the same gives an empty chunk. */
      readonly places: readonly CutPlace[];
    };

/** What can be cut: bytes, and where frames begin in them. With `frames`, cuts within characters find them. */
export interface Cuttable {
  /** The whole wire. What cuts it gives views. */
  readonly bytes: Buffer;
  /** Offset of the first byte of each frame. */
  readonly starts: readonly number[];
  /** The frames, unmasked. */
  readonly frames?: readonly Frame[];
}

/** Chunkings biased to the first 14 bytes of frames, where headers, lengths and keys are, to their last byte, and to characters. */
export function chunkings(): Arbitrary<Chunking> {
  const near = fc.integer({ min: -1, max: 14 });
  const atStart = fc.record({ near: fc.constant('start' as const), frame: fc.nat(), byte: near });
  const within = fc.record({ near: fc.constant('character' as const), frame: fc.nat(), byte: fc.nat(2) });
  const anywhere = atStart.chain((place) => fc.nat(70_000).map((byte) => ({ ...place, byte })));
  const place = fc.oneof(
    { weight: 4, arbitrary: atStart },
    { weight: 1, arbitrary: within },
    { weight: 1, arbitrary: anywhere },
  );
  const atPlaces = fc.array(place, { maxLength: 12 }).map((places): Chunking => ({ way: 'at places', places }));
  return fc
    .oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: fc.constantFrom<Chunking>({ way: 'whole' }, { way: 'byte by byte' }) },
      { weight: 6, arbitrary: atPlaces },
    )
    .map((chunking) => labelled({ ...chunking }, () => describeChunking(chunking)));
}

/** The chunks of `wire`, in order, as views. Some may be empty. */
export function cutBy(chunking: Chunking, wire: Cuttable): Buffer[] {
  if (chunking.way === 'whole') return [wire.bytes];
  if (chunking.way === 'byte by byte') return byteByByte(wire.bytes);
  const positions = chunking.places.map((place) => positionOf(place, wire)).sort((a, b) => a - b);
  return cutAt(wire.bytes, positions);
}

/** The pieces of `wire` between the given positions, as views. Empty pieces stay: a chunk may be empty. */
export function cutAt(wire: Buffer, positions: readonly number[]): Buffer[] {
  const edges = [0, ...positions, wire.length];
  return edges.slice(1).map((end, at) => wire.subarray(edges[at] ?? 0, end));
}

/** One chunk for each byte. */
export function byteByByte(wire: Buffer): Buffer[] {
  return Array.from(wire, (_, at) => wire.subarray(at, at + 1));
}

function positionOf({ near, frame, byte }: CutPlace, { bytes, starts, frames = [] }: Cuttable): number {
  const index = frame % Math.max(starts.length, 1);
  const start = starts[index] ?? 0;
  const wide = frames[index]?.payload.findIndex((one) => one >= 0x80) ?? -1;
  if (near === 'character' && wide !== -1) {
    const end = starts[index + 1] ?? bytes.length;
    return Math.min(end - (frames[index]?.payload.length ?? 0) + wide + 1 + byte, bytes.length);
  }
  const wrapped = start + byte > bytes.length ? byte % 15 : byte;
  return Math.min(Math.max(start + wrapped, 0), bytes.length);
}

function describeChunking(chunking: Chunking): string {
  if (chunking.way !== 'at places') return chunking.way;
  const places = chunking.places.map(
    ({ near, frame, byte }) => `${near} of frame ${frame} ${byte < 0 ? '' : '+'}${byte}`,
  );
  return `cut at ${places.length === 0 ? 'no place' : places.join(', ')}`;
}
