/**
 * UTF-8 as it arrives (RFC 3629, RFC 6455 §8.1).
 *
 * Knows: the state between two slices of one text, the index of the first byte that no valid text can have, and the ways
 * from bytes to a string and back that cost least.
 * Does not know: messages, frames.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import { allocatePayload } from './slabs.js';

/** Between characters: the only state in which a text may end. */
const BETWEEN = 0;
const BROKEN = -1;

/**
 * The state after `byte`. A state packs what the next continuation byte may be: how many are still to come (bits 16 and
 * up), its lowest value (bits 8-15) and its highest (bits 0-7); only the first one after a lead byte is narrower than
 * 80-BF (RFC 3629 §4: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
function step(state: number, byte: number): number {
  if (state === BETWEEN) return lead(byte);
  if (byte < ((state >>> 8) & 255) || byte > (state & 255)) return BROKEN;
  const left = (state >>> 16) - 1;
  return left === 0 ? BETWEEN : (left << 16) | 0x80bf;
}

/** `byte` is 0x80 or above: ASCII does not come here. */
function lead(byte: number): number {
  if (byte < 0xc2) return BROKEN;
  if (byte < 0xe0) return 0x180bf;
  if (byte < 0xf0) return byte === 0xe0 ? 0x2a0bf : byte === 0xed ? 0x2809f : 0x280bf;
  if (byte < 0xf5) return byte === 0xf0 ? 0x390bf : byte === 0xf4 ? 0x3808f : 0x380bf;
  return BROKEN;
}

/** Slices shorter than this are walked byte by byte: the call into native code costs more. */
const NATIVE_BYTES = 32;

/** Validates one text after another, slice by slice. Keeps one number, never bytes. */
export class Utf8Validator {
  #state = BETWEEN;

  /** True when what was pushed so far is a whole text. */
  get complete(): boolean {
    return this.#state === BETWEEN;
  }

  /** Forgets the text. */
  reset(): void {
    this.#state = BETWEEN;
  }

  /**
   * Takes the next slice. Returns -1, or the index in `bytes` of the first byte that makes the text invalid whatever
   * follows; after that only `reset` helps. Borrows `bytes` for the call.
   */
  push(bytes: Uint8Array, start = 0, end = bytes.length): number {
    let at = start;
    while (this.#state !== BETWEEN && at < end) {
      this.#state = step(this.#state, bytes[at] as number);
      if (this.#state === BROKEN) return at;
      at++;
    }
    const tail = lastBoundary(bytes, at, end);
    const whole = tail - at >= NATIVE_BYTES && isUtf8(bytes.subarray(at, tail));
    return this.#walk(bytes, whole ? tail : at, end);
  }

  #walk(bytes: Uint8Array, start: number, end: number): number {
    let state = this.#state;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (state === BETWEEN && byte < 0x80) continue;
      state = step(state, byte);
      if (state === BROKEN) {
        this.#state = state;
        return at;
      }
    }
    this.#state = state;
    return -1;
  }
}

/** The last index at which a character may begin whose bytes go on after `end`; `end` itself when there is none. */
function lastBoundary(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    const byte = bytes[at] as number;
    if (byte >= 0xc0) return at;
    if (byte < 0x80) return end;
  }
  return end;
}

/**
 * The text in `bytes` from `start` to `end`, or null when it is not valid UTF-8. A byte order mark stays in the text.
 * Node's decoder puts U+FFFD where it finds an error, so a text without one needs no second look.
 */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | null {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\ufffd')) return text;
  return isUtf8(bytes.subarray(start, end)) ? text : null;
}

/** Whether the bytes from `start` to `end` are valid UTF-8. */
export function isWholeText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= NATIVE_BYTES) return isUtf8(bytes.subarray(start, end));
  let state = BETWEEN;
  for (let at = start; at < end && state !== BROKEN; at++) {
    const byte = bytes[at] as number;
    if (state !== BETWEEN || byte >= 0x80) state = step(state, byte);
  }
  return state === BETWEEN;
}

/** The bytes of `text`. As many bytes as characters: all are ASCII, which Node copies faster. */
export function encodeUtf8(text: string): Buffer {
  const size = Buffer.byteLength(text);
  return encodeUtf8Into(allocatePayload(size), text, size);
}

/** The same, of a text of `size` bytes, into the beginning of `memory`, which has room for them. */
export function encodeUtf8Into(memory: Buffer, text: string, size: number): Buffer {
  memory.write(text, 0, size, size === text.length ? 'latin1' : 'utf8');
  return memory.subarray(0, size);
}
