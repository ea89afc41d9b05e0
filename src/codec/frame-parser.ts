/**
 * Bytes in, parts of frames out.
 *
 * Knows: headers cut anywhere, unmasking as the bytes arrive, whether a fragmented message is open, where in the wire
 * we are. A part is a run of payload that lies in one chunk, so a frame of any size passes in constant memory.
 * Does not know: whole frames (frame-assembler.ts), messages, streams.
 */
import { allocate, NO_BYTES, SHARED_BYTES, type Views } from './bytes.js';
import { isControl, Opcode } from './frame.js';
import { emptyPart, type FramePart, SharedMemory } from './frame-part.js';
import { emptyHeader, type HeaderRules, MAX_HEADER_BYTES, type Position, readHeader } from './header.js';
import { MaskWindow } from './mask.js';

/** Where unmasked payload goes: into memory of our own, or, where that saves a copy, over the bytes that were pushed. */
export type UnmaskMode = 'copy' | 'in-place';

/** Frames of up to this many bytes of payload are copied together with their neighbours, larger ones alone. */
const SMALL_FRAME_BYTES = 1_024;
const FIRST_SLAB_BYTES = 512;

/**
 * A pull parser: `push` a chunk, then call `next` until it answers null.
 *
 * Borrows the chunk until `next` answers null. In `'copy'` mode it never writes into it and parts lie in memory of
 * their own (shared by at most 8 KiB of neighbours). In `'in-place'` mode so do small frames of a large chunk, which they
 * would pin; all else lies in the chunk, which is overwritten.
 * `offset` and `frame` tell where the current frame's header stands: wire bytes and frames before it.
 */
export class FrameParser implements Position {
  readonly #rules: HeaderRules;
  readonly #copies: boolean;
  readonly #header = emptyHeader();
  readonly #part = emptyPart(this.#header);

  #chunk = NO_BYTES;
  #at = 0;
  /** True when a view of the chunk may be kept, however small. */
  #mayStay = false;
  /** The bytes of a header that a chunk cut off; allocated at the first such cut. */
  #cut: Buffer | null = null;
  #cutLength = 0;

  #inFrame = false;
  #first = false;
  #messageOpen = false;
  /** Payload bytes of the current frame that are still to come, and the phase of the masking key for the next one. */
  #left = 0;
  #phase = 0;
  /** Wire bytes of the current frame; they are added to `offset` when the next header is read. */
  #frameBytes = 0;

  /** Where payload of the chunk is unmasked in place. Made for the first that is. */
  #inChunk: SharedMemory | null = null;
  /** Where small frames are: a copy of the chunk from `#slabFrom` to `#slabTo`, neighbours and headers included. */
  #slab: SharedMemory | null = null;
  #slabFrom = 0;
  #slabTo = 0;

  offset = 0;
  frame = 0;

  constructor(rules: HeaderRules, mode: UnmaskMode = 'copy') {
    this.#rules = rules;
    this.#copies = mode === 'copy';
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

  /** Gives the next chunk. Only when `next` has answered null for the one before. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#mayStay = !this.#copies && chunk.buffer.byteLength <= SHARED_BYTES;
  }

  /** The next part, or null when the chunk is used up. Throws a ProtocolError or LimitError; after that it is done for. */
  next(): FramePart | null {
    if (!this.#inFrame && !this.#beginFrame()) return this.discard();
    const size = Math.min(this.#left, this.#chunk.length - this.#at);
    if (size === 0 && !this.#first) return this.discard();

    const part = this.#locate(size);
    this.#left -= size;
    part.first = this.#first;
    part.last = this.#left === 0;
    this.#first = false;
    if (part.last) this.#endFrame();
    return part;
  }

  /** Lets go of the chunk and of what was made from it; the state between chunks stays. */
  discard(): null {
    this.#chunk = NO_BYTES;
    this.#at = 0;
    this.#inChunk = null;
    this.#slab = null;
    this.#slabFrom = 0;
    this.#slabTo = 0;
    this.#part.bytes = NO_BYTES;
    this.#part.views = null;
    return null;
  }

  #beginFrame(): boolean {
    const size = this.#cutLength > 0 ? this.#readCutHeader() : this.#readWholeHeader();
    if (size === 0) return false;
    this.#frameBytes = size + this.#header.length;
    this.#left = this.#header.length;
    this.#phase = 0;
    this.#first = true;
    this.#inFrame = true;
    return true;
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

  /** Points the part at the next `size` bytes of payload, unmasked. */
  #locate(size: number): FramePart {
    if (size === 0) this.#point(NO_BYTES, null, 0, 0);
    else if (this.#isSmall(size)) this.#unmaskIn(this.#slabFor(size), this.#at - this.#slabFrom, size);
    else if (this.#copies) this.#copyAlone(size);
    else {
      this.#inChunk ??= new SharedMemory(this.#chunk);
      this.#unmaskIn(this.#inChunk, this.#at, size);
    }
    this.#at += size;
    this.#phase = (this.#phase + size) & 3;
    return this.#part;
  }

  /** True for a frame that would pin a large chunk; a text leaves as a string, and pins nothing. */
  #isSmall(size: number): boolean {
    if (this.#mayStay || size > SMALL_FRAME_BYTES) return false;
    return this.#copies || (size === this.#header.length && this.#header.opcode !== Opcode.text);
  }

  #unmaskIn(window: SharedMemory, start: number, size: number): void {
    const { masked, key } = this.#header;
    if (masked) window.xor(start, start + size, key, this.#phase);
    this.#point(window.bytes, window.views, start, size);
  }

  /** Copies the next `size` bytes into memory of their own. */
  #copyAlone(size: number): void {
    const { masked, key } = this.#header;
    const own = allocate(size);
    if (masked) new MaskWindow(own).copy(this.#chunk, this.#at, size, 0, key, this.#phase);
    else this.#chunk.copy(own, 0, this.#at, this.#at + size);
    this.#point(own, null, 0, size);
  }

  #point(bytes: Buffer, views: Views | null, start: number, size: number): void {
    const part = this.#part;
    part.bytes = bytes;
    part.views = views;
    part.start = start;
    part.end = start + size;
  }

  /** The slab with the next `size` bytes; a new one is twice the last one of this chunk, up to 8 KiB. */
  #slabFor(size: number): SharedMemory {
    if (this.#slab !== null && this.#at + size <= this.#slabTo) return this.#slab;
    const wanted = Math.min(Math.max((this.#slabTo - this.#slabFrom) * 2, FIRST_SLAB_BYTES, size * 4), SHARED_BYTES);
    this.#slabFrom = this.#at;
    this.#slabTo = Math.min(this.#at + wanted, this.#chunk.length);
    const bytes = allocate(this.#slabTo - this.#slabFrom);
    this.#chunk.copy(bytes, 0, this.#slabFrom, this.#slabTo);
    this.#slab = new SharedMemory(bytes);
    return this.#slab;
  }
}
