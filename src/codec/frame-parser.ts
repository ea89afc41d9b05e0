/**
 * Bytes in, parts of frames out.
 *
 * Knows: headers cut anywhere, unmasking as the bytes arrive, whether a fragmented message is open, where in the wire
 * we are. A part is a run of payload that lies in one chunk, so a frame of any size passes in constant memory.
 * Does not know: whole frames (frame-assembler.ts), messages, streams.
 */
import { allocate, SHARED_BYTES } from './bytes.js';
import { isControl } from './frame.js';
import {
  emptyHeader,
  type FrameHeader,
  type HeaderRules,
  MAX_HEADER_BYTES,
  type Position,
  readHeader,
} from './header.js';
import { MaskWindow } from './mask.js';

/** Where unmasked payload goes: into memory of our own, or over the bytes that were pushed. */
export type UnmaskMode = 'copy' | 'in-place';

/**
 * A run of unmasked payload: `bytes` from `start` to `end`. It may be empty: a frame announces itself by a `first` part
 * as soon as its header is complete. The object is filled again by the next call of `next()`.
 */
export interface FramePart {
  readonly header: FrameHeader;
  bytes: Buffer;
  start: number;
  end: number;
  /** True for the part that follows the header. */
  first: boolean;
  /** True for the part that completes the frame. */
  last: boolean;
}

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * A pull parser: `push` a chunk, then call `next` until it answers null.
 *
 * Borrows the chunk until `next` answers null. In `'copy'` mode it never writes into it and parts lie in memory of
 * their own (shared by at most 8 KiB of neighbours); in `'in-place'` mode parts lie in the chunk, which is overwritten.
 * `offset` and `frame` tell where the current frame's header stands: wire bytes and frames before it.
 */
export class FrameParser implements Position {
  readonly #rules: HeaderRules;
  readonly #copies: boolean;
  readonly #header = emptyHeader();
  readonly #part: FramePart = { header: this.#header, bytes: NO_BYTES, start: 0, end: 0, first: false, last: false };

  #chunk = NO_BYTES;
  #at = 0;
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

  /** What unmasked bytes lie in: the chunk itself, or a slab of our own that is full up to `#targetAt`. */
  #target = NO_BYTES;
  #targetAt = 0;
  #window: MaskWindow | null = null;

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
    if (!this.#copies) this.#target = chunk;
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
    this.#target = NO_BYTES;
    this.#targetAt = 0;
    this.#window = null;
    this.#part.bytes = NO_BYTES;
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
    const part = this.#part;
    part.start = this.#copies ? this.#copy(size) : this.#at;
    part.end = part.start + size;
    part.bytes = this.#target;
    this.#at += size;
    if (this.#header.masked && size > 0) {
      this.#window ??= new MaskWindow(this.#target);
      this.#window.xor(part.start, part.end, this.#header.key, this.#phase);
      this.#phase = (this.#phase + size) & 3;
    }
    return part;
  }

  /** Copies the next `size` bytes into memory of our own, large runs alone, small ones side by side; returns where. */
  #copy(size: number): number {
    let to = (this.#targetAt + 3) & ~3;
    if (to + size > this.#target.length) {
      const wanted = size > SHARED_BYTES / 2 ? size : Math.min(SHARED_BYTES, this.#chunk.length - this.#at);
      this.#target = allocate(wanted);
      this.#window = null;
      to = 0;
    }
    this.#chunk.copy(this.#target, to, this.#at, this.#at + size);
    this.#targetAt = to + size;
    return to;
  }
}
