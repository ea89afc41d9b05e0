/**
 * Runs of payload in, messages out (RFC 6455 §5.4, §5.6).
 *
 * Knows: the size limit, UTF-8 as it arrives, how a message in many pieces is kept in memory that its bytes justify.
 * Does not know: whether the pieces came as frames or as parts of frames; the order of opcodes (header.ts judges it).
 */
import { constants } from 'node:buffer';
import { violation } from '../errors.js';
import { ByteGatherer } from './byte-gatherer.js';
import { detach, type Views } from './bytes.js';
import { Opcode } from './frame.js';
import type { Position } from './header.js';
import { copyUnmasked } from './mask.js';
import { PASSING_MEMORY } from './passing-memory.js';
import { allocatePayload } from './slabs.js';
import { decodeUtf8, isWholeText, Utf8Validator } from './utf8.js';

/** A string for a text message, a Buffer for a binary one. */
export type Message = string | Buffer;

/** What a string and a Buffer can hold: without a limit of the user's, these are. A text has no more characters than bytes. */
const { MAX_LENGTH, MAX_STRING_LENGTH } = constants;

/** 16 MiB: the largest message that is accepted where nobody says otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Builds one message after another: `begin` for each data frame, `add` for each run of its payload. */
export class MessageAssembler {
  readonly #maxMessageBytes: number;
  /** What has come of a message that is not whole yet; made for the first one that comes in pieces. */
  #gathered: ByteGatherer | null = null;
  /** Made for the first text that comes in pieces, or is not valid. */
  #utf8: Utf8Validator | null = null;
  #isText = false;
  #open = false;
  /** What the message comes to, as far as its frames have told. */
  #expected = 0;

  /** True while binary messages are passed on: those in pieces lie in PASSING_MEMORY, and may be given back. */
  isPassedOn = false;

  /** True while a text is kept as bytes, for whoever passes it on: in PASSING_MEMORY, where they fit. */
  keepsBytes = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** True between the first frame of a message and its last byte. */
  get open(): boolean {
    return this.#open;
  }

  /** Bytes of a message that is not whole yet. */
  get heldBytes(): number {
    return this.#gathered?.length ?? 0;
  }

  /**
   * A data frame of `length` bytes begins. Throws a LimitError when the message would grow past the limit, before any
   * of those bytes is kept.
   */
  begin(opcode: Opcode, length: number, position: Position): void {
    if (opcode !== Opcode.continuation) {
      this.#isText = opcode === Opcode.text;
      this.#open = true;
    }
    this.#expected = this.heldBytes + length;
    const maxMessageBytes = Math.min(this.#maxMessageBytes, this.#isText ? MAX_STRING_LENGTH : MAX_LENGTH);
    if (this.#expected <= maxMessageBytes) return;
    throw violation('MESSAGE_TOO_BIG', { atLeast: this.#expected, maxMessageBytes, ...at(position) });
  }

  /**
   * Takes a run of payload; `final` when it completes the message, which is then returned and belongs to the caller.
   * Large runs are kept by reference, unless `views`, those of `bytes`, say that they are lent. Throws a ProtocolError at the
   * first byte that no text can have. Bytes of a binary message may be masked still, by `key`.
   */
  add(
    bytes: Buffer,
    start: number,
    end: number,
    final: boolean,
    position: Position,
    views: Views | null = null,
    key = 0,
  ): Message | null {
    if (final && this.heldBytes === 0) {
      this.#open = false;
      if (this.#isText) {
        return this.keepsBytes
          ? this.#textBytes(bytes, start, end, position)
          : this.#wholeText(bytes, start, end, position);
      }
      return key === 0 ? detach(bytes, start, end, views) : unmaskedCopy(bytes, start, end, key);
    }
    if (this.#isText) this.#validate(bytes, start, end, final, position);
    this.#gathered ??= new ByteGatherer();
    this.#gathered.isText = this.#isText;
    this.#gathered.isPassedOn = this.isPassedOn || this.keepsBytes;
    this.#gathered.add(bytes, start, end, this.#expected, views, key);
    if (!final) return null;
    this.#open = false;
    return this.#isText && !this.keepsBytes ? this.#gathered.takeText() : this.#gathered.take();
  }

  /** Lets go of a message that will not be completed. */
  clear(): void {
    this.#gathered?.clear();
    this.#utf8?.reset();
    this.#open = false;
  }

  #wholeText(bytes: Buffer, start: number, end: number, position: Position): string {
    const text = decodeUtf8(bytes, start, end);
    if (text === null) throw this.#invalidUtf8(this.#badByte(bytes, start, end, true) - start, position);
    return text;
  }

  #textBytes(bytes: Buffer, start: number, end: number, position: Position): Buffer {
    if (!isWholeText(bytes, start, end))
      throw this.#invalidUtf8(this.#badByte(bytes, start, end, true) - start, position);
    const kept = PASSING_MEMORY.take(end - start);
    bytes.copy(kept, 0, start, end);
    return kept;
  }

  #validate(bytes: Buffer, start: number, end: number, final: boolean, position: Position): void {
    const bad = this.#badByte(bytes, start, end, final);
    if (bad !== -1) throw this.#invalidUtf8(bad - start, position);
  }

  /** The index of the first byte that no text can have, `end` for a text that breaks off there, or -1. */
  #badByte(bytes: Buffer, start: number, end: number, final: boolean): number {
    this.#utf8 ??= new Utf8Validator();
    const bad = this.#utf8.push(bytes, start, end);
    return bad === -1 && final && !this.#utf8.complete ? end : bad;
  }

  #invalidUtf8(byte: number, position: Position): Error {
    return violation('INVALID_UTF8', { byte: this.heldBytes + byte, ...at(position) });
  }
}

function unmaskedCopy(bytes: Buffer, start: number, end: number, key: number): Buffer {
  const copy = allocatePayload(end - start);
  copyUnmasked(bytes, start, end - start, copy, 0, key);
  return copy;
}

function at(position: Position): { offset: number; frame: number } {
  return { offset: position.offset, frame: position.frame };
}
