/**
 * Where the payload of a chunk is unmasked: in the chunk, in a slab with its neighbours, or alone.
 *
 * Knows: whose memory may be written into, and which place a payload may keep without holding on to much more than itself.
 * Does not know: which frames come (frame-parser.ts).
 */
import { Buffer } from 'node:buffer';
import { allocate, mayShare, NO_BYTES, SHARED_BYTES, SMALL_FRAME_BYTES, sharedBytes, Views } from './bytes.js';
import { Opcode } from './frame.js';
import type { FramePart } from './frame-part.js';
import { readRunHeader, runAt } from './frame-run.js';
import type { HeaderRules } from './header.js';
import { copyUnmasked, rotate } from './mask.js';
import { STEP_BYTES, VECTORS } from './mask-vector.js';
import { LENT_MEMORY, SharedMemory } from './shared-memory.js';
import { allocatePayload } from './slabs.js';

/** Where unmasked payload goes: into memory of our own, or, where that saves a copy, over the bytes that were pushed. */
export type UnmaskMode = 'copy' | 'in-place';

/**
 * Which payloads may be given out as they came, where they do not lie in one chunk and so will be put together anyway: those of
 * no frame, of binary messages, or of all data frames.
 */
export type LeftMasked = 'none' | 'binary' | 'data';

const FIRST_SLAB_BYTES = 512;
const FIRST_RUN_BYTES = 4_096;

/** From this size on a payload may hold on to the 32 KiB that 16 KiB for a run are cut from. */
const SLAB_RUN_BYTES = 512;

/** Parsers of one mode that are in the middle of a chunk at a time are few, unless their readers have stopped. */
const MOST_SPARE = 16;

/**
 * Unmasks payload of one chunk after another. Borrows the chunk until `giveBack`. In `'copy'` mode it never writes into it, and
 * payloads lie elsewhere: small ones with their neighbours, larger ones where `allocatePayload` says. In `'in-place'` mode so do
 * whole payloads that would hold on to too much of a chunk (`mayShare`); the others, and parts of larger ones, lie in it. What is
 * left as it came lies in the chunk as well, lent in `'copy'` mode. Nothing that is kept stays in a chunk that is lent itself.
 *
 * Between two chunks it holds nothing, and a parser needs none: `take` one with a chunk, and `giveBack` it when that is used up.
 */
export class PayloadMemory {
  /** Those that no parser has at the moment, at most MOST_SPARE for each mode. */
  static readonly #spare: Record<UnmaskMode, PayloadMemory[]> = { copy: [], 'in-place': [] };

  /** One for the next chunk, that nobody else has. */
  static take(mode: UnmaskMode): PayloadMemory {
    return PayloadMemory.#spare[mode].pop() ?? new PayloadMemory(mode);
  }

  readonly #copies: boolean;
  #chunk = NO_BYTES;
  /** The bytes of the allocation that the chunk lies in; Infinity when the chunk is lent. */
  #held = 0;
  #isPassedOn = false;
  /** The chunk, once something is unmasked in place. */
  #inChunk: SharedMemory | null = null;
  /** Views of a chunk that is lent; made for the first part that is left in it. */
  #lent: Views | null = null;
  /** Where small frames are: a copy of the chunk from `#slabFrom` to `#slabTo`, neighbours and headers included. */
  #slab: SharedMemory | null = null;
  #slabFrom = 0;
  #slabTo = 0;
  /** Where the current run lies: what is at `#runFrom` in the chunk is at 0 there. */
  #run: SharedMemory | null = null;
  #runFrom = 0;
  #runBytes = 0;

  private constructor(mode: UnmaskMode) {
    this.#copies = mode === 'copy';
  }

  /**
   * With `isLent`, only in `'in-place'` mode, the chunk will be written over: `keep` or `giveBack` comes before that. With
   * `isPassedOn` parts are copied by whoever takes them, as a rule: no memory is taken for them here, and what may be left as it
   * came is.
   */
  push(chunk: Buffer, isLent = false, isPassedOn = false): void {
    this.#chunk = chunk;
    this.#isPassedOn = isPassedOn;
    this.#held = isLent ? Infinity : chunk.buffer.byteLength;
  }

  /** Goes on with a copy of what a lent chunk has from `at` on, where what was at `at` is at 0. Returns it. */
  keep(at: number): Buffer {
    const copy = Buffer.from(this.#chunk.subarray(at));
    const runStays = this.#run !== null && this.#run === this.#inChunk;
    this.#inChunk = null;
    this.push(copy);
    if (runStays) this.#run = this.#chunkMemory();
    else this.#runFrom -= at;
    this.#slabFrom -= at;
    this.#slabTo -= at;
    return copy;
  }

  /** Lets go of the chunk and of what was made from it. The caller has it no more. */
  giveBack(): void {
    const spare = PayloadMemory.#spare[this.#copies ? 'copy' : 'in-place'];
    if (spare.length < MOST_SPARE) spare.push(this);
    this.#chunk = NO_BYTES;
    this.#inChunk = null;
    this.#lent = null;
    this.#slab = null;
    this.#slabFrom = 0;
    this.#slabTo = 0;
    this.#run = null;
    this.#runBytes = 0;
  }

  /**
   * Points `part` at the `size` bytes of the chunk from `at` on, unmasked; the first meets byte `phase` of the key. With
   * `mayLeave` they stay as they came when they are not a whole frame, or are passed on.
   */
  unmask(part: FramePart, at: number, size: number, phase: number, mayLeave: boolean): void {
    part.key = 0;
    if (size === 0) point(part, NO_BYTES, null, 0, 0);
    else if (mayLeave && (this.#isPassedOn || size < part.header.length)) this.#leave(part, at, size, phase);
    else if (this.#hasNeighbours(at, size) && this.#isSmall(part, size))
      this.#unmaskIn(this.#slabFor(at, size), part, at - this.#slabFrom, size, phase);
    else if (this.#isAlone(part, size)) this.#copyAlone(part, at, size, phase);
    else this.#unmaskIn(this.#chunkMemory(), part, at, size, phase);
  }

  /**
   * Unmasks the run of frames that begins at `at`, and returns where in the chunk it ends: at `at` when there is none. Only
   * where `hasRuns(rules)`, and no fragmented message is open.
   */
  unmaskRun(at: number, rules: HeaderRules): number {
    const chunk = this.#chunk;
    const size = runAt(chunk, at, rules);
    if (size < 0) return at;
    const first = chunk[at] as number;
    const stays = this.#staysInChunk((first & 15) as Opcode, size);
    const shared = this.#copies ? SHARED_BYTES : sharedBytes(size);
    const window = Math.min(stays ? STEP_BYTES : shared, this.#nextRunBytes(), chunk.length - at);
    const length = VECTORS.frames(chunk, at, window, first, Math.min(SMALL_FRAME_BYTES, rules.maxFrameBytes));
    if (length === 0) return at;
    this.#runBytes = length;
    this.#runFrom = stays ? 0 : at;
    this.#run = stays ? this.#chunkMemory() : this.#newSlab(at, length, size);
    VECTORS.takeFrames(length, this.#run.bytes, at - this.#runFrom);
    return at + length;
  }

  /** Points `part` at the frame of the run whose header begins at `at`, and returns the bytes of that frame. */
  nextOfRun(part: FramePart, at: number): number {
    const { bytes, views } = this.#run as SharedMemory;
    const start = at - this.#runFrom;
    const size = readRunHeader(bytes, start, part.header);
    const { length } = part.header;
    part.key = 0;
    point(part, bytes, views, start + size, length);
    return size + length;
  }

  /** True where more comes behind the payload, or a slab is there already. */
  #hasNeighbours(at: number, size: number): boolean {
    const end = at + size;
    return end < this.#chunk.length || end <= this.#slabTo;
  }

  /** True for payload that is kept next to its neighbours: a small frame, whole, that would pin its chunk. */
  #isSmall({ header }: FramePart, size: number): boolean {
    if (size > SMALL_FRAME_BYTES || this.#staysInChunk(header.opcode, size)) return false;
    return this.#copies || size === header.length;
  }

  /** True for whole frames that are unmasked where they lie: a text leaves as a string, and pins nothing. */
  #staysInChunk(opcode: Opcode, size: number): boolean {
    return !this.#copies && (this.#isPassedOn || opcode === Opcode.text || mayShare(this.#held, size));
  }

  /** True for what would be copied anyway: a frame without neighbours, or a larger one, whole, that would pin its chunk. */
  #isAlone({ header }: FramePart, size: number): boolean {
    return this.#copies || (size === header.length && !this.#staysInChunk(header.opcode, size));
  }

  #leave(part: FramePart, at: number, size: number, phase: number): void {
    const { masked, key } = part.header;
    if (masked) part.key = rotate(key, phase);
    point(part, this.#chunk, this.#viewsOfChunk(), at, size);
  }

  /** In `'copy'` mode the chunk is somebody else's: what is left in it must be copied before it is let go of. */
  #viewsOfChunk(): Views {
    if (!this.#copies) return this.#chunkMemory().views;
    this.#lent ??= new Views(this.#chunk, Infinity);
    return this.#lent;
  }

  #chunkMemory(): SharedMemory {
    const chunk = this.#chunk;
    this.#inChunk ??= this.#held === Infinity ? LENT_MEMORY.of(chunk) : new SharedMemory(chunk, this.#held);
    return this.#inChunk;
  }

  #unmaskIn(memory: SharedMemory, part: FramePart, start: number, size: number, phase: number): void {
    const { masked, key } = part.header;
    if (masked) memory.xor(start, start + size, key, phase);
    point(part, memory.bytes, memory.views, start, size);
  }

  #copyAlone(part: FramePart, at: number, size: number, phase: number): void {
    const { masked, key } = part.header;
    const own = allocatePayload(size);
    copyUnmasked(this.#chunk, at, size, own, 0, masked ? rotate(key, phase) : 0);
    point(part, own, null, 0, size);
  }

  /** The slab with the `size` bytes from `at` on. */
  #slabFor(at: number, size: number): SharedMemory {
    if (this.#slab !== null && at + size <= this.#slabTo) return this.#slab;
    const end = Math.min(at + this.#nextSlabBytes(size), this.#chunk.length);
    const slab = this.#newSlab(at, end - at, 0);
    this.#chunk.copy(slab.bytes, 0, at, end);
    return slab;
  }

  /** Four times the last run of this chunk: where runs are short, not much is looked at in vain. */
  #nextRunBytes(): number {
    return Math.max(this.#runBytes * 4, FIRST_RUN_BYTES);
  }

  /** Twice the last slab of this chunk, up to 8 KiB; the first has room for four of `size`. */
  #nextSlabBytes(size: number): number {
    return Math.min(Math.max((this.#slabTo - this.#slabFrom) * 2, FIRST_SLAB_BYTES, size * 4), SHARED_BYTES);
  }

  /** A slab for `size` bytes of the chunk from `from` on, payloads of about `each`. */
  #newSlab(from: number, size: number, each: number): SharedMemory {
    const isCut = !this.#copies && each >= SLAB_RUN_BYTES;
    this.#slabFrom = from;
    this.#slabTo = from + size;
    this.#slab = new SharedMemory(isCut ? allocatePayload(size) : allocate(size));
    return this.#slab;
  }
}

function point(part: FramePart, bytes: Buffer, views: Views | null, start: number, size: number): void {
  if (part.bytes !== bytes) part.bytes = bytes;
  if (part.views !== views) part.views = views;
  part.start = start;
  part.end = start + size;
}
