/**
 * Frames in, wire bytes out, many frames to one buffer.
 *
 * Knows: headers, masking keys, when copying a payload is cheaper than passing it on.
 * Does not know: when the bytes are written, or whether the order of frames is legal.
 */
import { Buffer } from 'node:buffer';
import { allocate } from './bytes.js';
import { type Frame, Opcode, type Role } from './frame.js';
import { firstByte, headerBytes, writeHeader } from './header.js';
import { type MaskKeySource, randomMaskKey } from './mask-keys.js';
import { VECTORS } from './mask-vector.js';
import { Block, SPARE_BLOCK } from './spare-block.js';
import { encodeUtf8 } from './utf8.js';

/** A server passes larger payloads on as they are; smaller ones are copied, so that they share a write with others. */
const PASS_ON_BYTES = 4_096;
const TEXT_MESSAGE = firstByte(Opcode.text, true, 0);
const NO_BLOCK = new Block(Buffer.alloc(0));
const SMALLEST_BLOCK_BYTES = 128;

/** Bytes of copied frames, and of all, that are a batch: the former are a block in the cache, the latter cost nothing but a place. */
const BATCH_COPIED_BYTES = 65_536;
const BATCH_BYTES = 524_288;

/** Room for those, and for the small frame that makes them full. */
const LARGEST_BLOCK_BYTES = BATCH_COPIED_BYTES + 8_192;

/**
 * Collects frames until `take`. Payloads up to 4 KiB are copied (and always on the client role, to mask them); larger
 * ones of a server are borrowed until the bytes of `take` are written. Never writes into a payload.
 */
export class FrameWriter {
  readonly #masks: boolean;
  readonly #nextKey: MaskKeySource;
  #ready: Buffer[] = [];
  #readyBytes = 0;
  /** Of those, what lies in blocks of our own. */
  #copiedBytes = 0;
  /** The block that is being filled, up to `#used`; up to `#closed` it is in `#ready`. */
  #block = NO_BLOCK;
  #closed = 0;
  #used = 0;
  /** What the last batch took: the size of the next block. */
  #expected = SMALLEST_BLOCK_BYTES;

  /** `maskKey` gives the key for each frame of a client; the default draws from the system's generator (§10.3). */
  constructor(role: Role, maskKey: MaskKeySource = randomMaskKey) {
    this.#masks = role === 'client';
    this.#nextKey = maskKey;
  }

  /** Wire bytes collected since the last `take`. */
  get pendingBytes(): number {
    return this.#readyBytes + this.#used - this.#closed;
  }

  /** True when it is time to pass on what is collected: 64 KiB of copied frames, or 512 KiB in all. */
  get isBatch(): boolean {
    const open = this.#used - this.#closed;
    return this.#copiedBytes + open >= BATCH_COPIED_BYTES || this.#readyBytes + open >= BATCH_BYTES;
  }

  /**
   * The memory of the frames that were copied last. Who knows, after taking them, that nobody reads its bytes any more may give
   * it back to SPARE_BLOCK.
   */
  get block(): Block {
    return this.#block;
  }

  /** Adds one frame, whatever its bits say. */
  add(frame: Frame): void {
    const reserved = (frame.rsv1 ? 4 : 0) | (frame.rsv2 ? 2 : 0) | (frame.rsv3 ? 1 : 0);
    this.addPayload(firstByte(frame.opcode, frame.fin, reserved), frame.payload);
  }

  /** Adds a frame of `payload` behind a first header byte made by `firstByte`. */
  addPayload(first: number, payload: Buffer): void {
    const size = payload.length;
    if (!this.#masks && size > PASS_ON_BYTES) {
      this.#addHeader(first, size);
      this.#passOn(payload);
      return;
    }
    this.addCopy(first, payload, 0, size);
  }

  /** Adds a frame with a copy of the `size` bytes of `source` from `start` on, which are masked by `key` still, unless it is 0. */
  addCopy(first: number, source: Buffer, start: number, size: number, key = 0): void {
    const turned = (this.#begin(first, size) ?? 0) ^ key;
    if (turned === 0) source.copy(this.#block.bytes, this.#used, start, start + size);
    else this.#block.copy(source, start, size, this.#used, turned, 0);
    this.#used += size;
  }

  /** Adds the frames that VECTORS has just made of others. Only for servers. */
  addReframed(): void {
    const size = VECTORS.reframedBytes;
    this.#reserve(size);
    VECTORS.takeReframed(this.#block.bytes, this.#used);
    this.#used += size;
  }

  /** Adds a whole text message as one frame. */
  addText(text: string): void {
    const size = Buffer.byteLength(text);
    if (!this.#masks && size > PASS_ON_BYTES) {
      this.addPayload(TEXT_MESSAGE, encodeUtf8(text));
      return;
    }
    const key = this.#begin(TEXT_MESSAGE, size);
    const from = this.#used;
    // As many bytes as characters: all of them are ASCII.
    this.#used += this.#block.bytes.write(text, from, size === text.length ? 'latin1' : 'utf8');
    if (key !== null) this.#block.xor(from, this.#used, key, 0);
  }

  /** Adds bytes that are frames already, as one piece; borrows them until they are written. */
  addWire(bytes: Buffer): void {
    if (bytes.length > PASS_ON_BYTES) {
      this.#passOn(bytes);
      return;
    }
    this.#reserve(bytes.length);
    this.#used += bytes.copy(this.#block.bytes, this.#used);
  }

  /** The collected bytes, in order, to be written now. The caller owns the list. */
  take(): Buffer[] {
    this.#closeBlock();
    const ready = this.#ready;
    if (ready.length === 0) return ready;
    this.#letGoOfBlock(this.#copiedBytes);
    this.#ready = [];
    this.#readyBytes = 0;
    this.#copiedBytes = 0;
    return ready;
  }

  /** What `take` gives, where it is one piece of memory of our own; null where there is more than that, or nothing. */
  takeOnly(): Buffer | null {
    const size = this.#used;
    if (this.#ready.length > 0 || size === 0) return null;
    const only = this.#block.first(size);
    this.#letGoOfBlock(size);
    return only;
  }

  /** The next block has the size of this batch, of which `copiedBytes` lay in ours. */
  #letGoOfBlock(copiedBytes: number): void {
    this.#expected = Math.min(Math.max(copiedBytes, SMALLEST_BLOCK_BYTES), LARGEST_BLOCK_BYTES);
    this.#block = NO_BLOCK;
    this.#closed = 0;
    this.#used = 0;
  }

  /** Makes room for a frame and writes its header; returns its masking key, null on the server role. */
  #begin(first: number, size: number): number | null {
    const key = this.#masks ? this.#nextKey() : null;
    this.#reserve(headerBytes(size, this.#masks) + size);
    this.#used = writeHeader(this.#block.bytes, this.#used, first, size, key);
    return key;
  }

  /** The header of a payload that is passed on: behind the frames before it, or in memory of its own. */
  #addHeader(first: number, size: number): void {
    const length = headerBytes(size, false);
    if (this.#used > this.#closed) {
      this.#reserve(length);
      this.#used = writeHeader(this.#block.bytes, this.#used, first, size, null);
      return;
    }
    const header = allocate(length);
    writeHeader(header, 0, first, size, null);
    this.#passOn(header);
  }

  #passOn(bytes: Buffer): void {
    this.#closeBlock();
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
  }

  /** Makes room for `size` bytes in one piece. */
  #reserve(size: number): void {
    if (this.#used + size <= this.#block.bytes.length) return;
    this.#closeBlock();
    const wanted = Math.min(Math.max(this.#expected, this.#copiedBytes), LARGEST_BLOCK_BYTES);
    this.#block = SPARE_BLOCK.take(Math.max(size, wanted));
    this.#closed = 0;
    this.#used = 0;
  }

  /** What is written in the block goes to the list; the rest of the block stays in use. */
  #closeBlock(): void {
    if (this.#used === this.#closed) return;
    const written = this.#block.bytes.subarray(this.#closed, this.#used);
    this.#ready.push(written);
    this.#readyBytes += written.length;
    this.#copiedBytes += written.length;
    this.#closed = this.#used;
  }
}
