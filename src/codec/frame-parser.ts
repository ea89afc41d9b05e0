/**
 * Bytes in, parts of frames out.
 *
 * Knows: headers cut anywhere, unmasking as the bytes arrive, whether a fragmented message is open, where in the wire
 * we are. A part is a run of payload that lies in one chunk, so a frame of any size passes in constant memory.
 * Does not know: whole frames (frame-assembler.ts), messages, streams.
 */
import { Buffer } from 'node:buffer';
import { NO_BYTES } from './bytes.js';
import { isControl, Opcode } from './frame.js';
import { emptyPart, type FramePart } from './frame-part.js';
import { hasRuns, reframeRun } from './frame-run.js';
import { emptyHeader, type HeaderRules, MAX_HEADER_BYTES, type Position, readHeader } from './header.js';
import { VECTORS } from './mask-vector.js';
import { type LeftMasked, PayloadMemory, type UnmaskMode } from './payload-memory.js';

/** Where no chunk has come yet. */
const NO_HEADER = Object.freeze(emptyHeader());
const NO_PART = emptyPart(NO_HEADER);

/**
 * A pull parser: `push` a chunk, then call `next` until it answers null.
 *
 * Borrows the chunk until `next` answers null, or until `keep`. In `'copy'` mode it never writes into it; in `'in-place'` mode it
 * writes over what may stay there (payload-memory.ts).
 * `offset` and `frame` tell where the current frame's header stands: wire bytes and frames before it.
 */
export class FrameParser implements Position {
  readonly #rules: HeaderRules;
  readonly #hasRuns: boolean;
  readonly #leftMasked: LeftMasked;
  readonly #mode: UnmaskMode;

  /** Of its own from the first chunk on: a connection that nothing comes from needs none. */
  #header = NO_HEADER;
  #part = NO_PART;

  #chunk = NO_BYTES;
  /** Where the payload of the chunk is unmasked; null between chunks. */
  #memory: PayloadMemory | null = null;
  #at = 0;
  /** Where in the chunk the run ends that is unmasked already. */
  #runTo = 0;
  /** The bytes of a header that a chunk cut off; allocated at the first such cut. */
  #cut: Buffer | null = null;
  #cutLength = 0;

  #inFrame = false;
  #first = false;
  #messageOpen = false;
  /** True when the last message that began is binary; only where some are left masked. */
  #isBinary = false;
  /** True when parts of the current frame may stay as they came. */
  #mayLeave = false;
  /** Payload bytes of the current frame that are still to come, and the phase of the masking key for the next one. */
  #left = 0;
  #phase = 0;
  /** Wire bytes of the current frame; they are added to `offset` when the next header is read. */
  #frameBytes = 0;

  offset = 0;
  frame = 0;

  /** `leftMasked`: which parts of frames may have a `key`. */
  constructor(rules: HeaderRules, mode: UnmaskMode = 'copy', leftMasked: LeftMasked = 'none') {
    this.#leftMasked = leftMasked;
    this.#rules = rules;
    this.#hasRuns = hasRuns(rules);
    this.#mode = mode;
  }

  /** True between two frames of no open message: the only place where the wire may end without loss. */
  get atBoundary(): boolean {
    return !this.#inFrame && this.#cutLength === 0 && !this.#messageOpen;
  }

  /** True from the first frame of a message until its last one is complete. */
  get isWithinMessage(): boolean {
    return this.#messageOpen || (this.#inFrame && !isControl(this.#header.opcode));
  }

  /** Bytes pushed and not parsed yet. */
  get pendingBytes(): number {
    return this.#chunk.length - this.#at;
  }

  /**
   * Gives the next chunk. Only when `next` has answered null for the one before. With `isLent`, only in `'in-place'` mode, no
   * payload stays there that may be kept: the caller writes it over after `keep`. `isPassedOn` says that most parts will be
   * copied at once, which saves a copy here.
   */
  push(chunk: Buffer, isLent = false, isPassedOn = false): void {
    if (this.#part === NO_PART) {
      this.#header = emptyHeader();
      this.#part = emptyPart(this.#header);
    }
    this.#chunk = chunk;
    this.#memory ??= PayloadMemory.take(this.#mode);
    this.#memory.push(chunk, isLent, isPassedOn);
  }

  /** The lent chunk will be written over now: copies what `next` has not come to yet. */
  keep(): void {
    if (this.pendingBytes === 0 || this.#memory === null) {
      this.discard();
      return;
    }
    this.#chunk = this.#memory.keep(this.#at);
    this.#runTo -= this.#at;
    this.#at = 0;
  }

  /** The next part, or null when the chunk is used up. Throws a ProtocolError or LimitError; after that it is done for. */
  next(): FramePart | null {
    const memory = this.#memory;
    if (memory === null) return null;
    if (this.#at < this.#runTo || this.#beginRun(memory)) return this.#nextOfRun(memory);
    if (!this.#inFrame && !this.#beginFrame()) return this.discard();
    const size = Math.min(this.#left, this.#chunk.length - this.#at);
    if (size === 0 && !this.#first) return this.discard();

    const part = this.#part;
    memory.unmask(part, this.#at, size, this.#phase, this.#mayLeave);
    this.#at += size;
    this.#phase = (this.#phase + size) & 3;
    this.#left -= size;
    part.first = this.#first;
    part.last = this.#left === 0;
    this.#first = false;
    if (part.last) this.#endFrame();
    return part;
  }

  /**
   * Passes over the small messages that come next, if there are enough of one kind, of at most `most` bytes each: VECTORS has made
   * of them what a server sends, until it is asked for anything else. Returns how many.
   */
  passRun(most: number): number {
    if (!this.#mayBeginRun() || this.#at < this.#runTo) return 0;
    const end = reframeRun(this.#chunk, this.#at, this.#rules, most);
    if (end === this.#at) return 0;
    this.#countFrame();
    this.offset += end - this.#at;
    this.frame += VECTORS.reframed;
    this.#at = end;
    return VECTORS.reframed;
  }

  /** Lets go of the chunk and of what was made from it; the state between chunks stays. */
  discard(): null {
    this.#chunk = NO_BYTES;
    this.#at = 0;
    this.#runTo = 0;
    this.#memory?.giveBack();
    this.#memory = null;
    this.#part.bytes = NO_BYTES;
    this.#part.views = null;
    return null;
  }

  #mayBeginRun(): boolean {
    return this.#hasRuns && !this.#inFrame && !this.#messageOpen && this.#cutLength === 0;
  }

  /** True when a run begins here: it is unmasked then. */
  #beginRun(memory: PayloadMemory): boolean {
    if (!this.#mayBeginRun()) return false;
    this.#runTo = memory.unmaskRun(this.#at, this.#rules);
    return this.#at < this.#runTo;
  }

  #nextOfRun(memory: PayloadMemory): FramePart {
    this.#countFrame();
    const part = this.#part;
    this.#frameBytes = memory.nextOfRun(part, this.#at);
    this.#at += this.#frameBytes;
    part.first = true;
    part.last = true;
    return part;
  }

  #beginFrame(): boolean {
    const size = this.#cutLength > 0 ? this.#readCutHeader() : this.#readWholeHeader();
    if (size === 0) return false;
    this.#frameBytes = size + this.#header.length;
    this.#left = this.#header.length;
    this.#phase = 0;
    this.#first = true;
    this.#inFrame = true;
    if (this.#leftMasked !== 'none') this.#mayLeave = this.#isLeft(this.#header.opcode);
    return true;
  }

  /** A continuation is of the kind that its message began with, whatever control frames came between. */
  #isLeft(opcode: Opcode): boolean {
    if (isControl(opcode)) return false;
    if (opcode !== Opcode.continuation) this.#isBinary = opcode === Opcode.binary;
    return this.#isBinary || this.#leftMasked === 'data';
  }

  #endFrame(): void {
    const { opcode, fin } = this.#header;
    this.#inFrame = false;
    if (!isControl(opcode)) this.#messageOpen = !fin;
  }

  #readWholeHeader(): number {
    const here = this.#chunk.length - this.#at;
    if (here === 0) return 0;
    this.#countFrame();
    const size = readHeader(this.#chunk, this.#at, here, this.#rules, this.#messageOpen, this, this.#header);
    if (size === 0) {
      this.#cut ??= Buffer.allocUnsafeSlow(MAX_HEADER_BYTES);
      this.#cutLength = this.#chunk.copy(this.#cut, 0, this.#at);
      this.#at = this.#chunk.length;
    }
    this.#at += size;
    return size;
  }

  /** Goes on with a header that began in an earlier chunk: tops it up from this one and reads it again. */
  #readCutHeader(): number {
    const cut = this.#cut as Buffer;
    const before = this.#cutLength;
    const filled = before + this.#chunk.copy(cut, before, this.#at);
    const size = readHeader(cut, 0, filled, this.#rules, this.#messageOpen, this, this.#header);
    this.#at += (size === 0 ? filled : size) - before;
    this.#cutLength = size === 0 ? filled : 0;
    return size;
  }

  /** Moves `offset` and `frame` past the frame that came before the header that begins here. */
  #countFrame(): void {
    if (this.#frameBytes === 0) return;
    this.offset += this.#frameBytes;
    this.frame++;
    this.#frameBytes = 0;
  }
}
