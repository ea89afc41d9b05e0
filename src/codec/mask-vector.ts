/**
 * Masking of long runs, and of many frames at once: 16 bytes an instruction, in WebAssembly (mask-vector.wat, RFC 6455 §5.3).
 *
 * Knows: that WebAssembly sees only its own memory, so bytes are copied in and out, in steps that stay in the cache of the
 * processor; how to copy to another place on the way.
 * Does not know: from which size on that pays (mask.ts).
 */
import { Buffer } from 'node:buffer';

/** The machine form of mask-vector.wat: `npm run build:wasm` writes this line. */
const CODE =
  'AGFzbQEAAAABFQNgAn9/AGADf39/AX9gBH9/f38BfwMEAwABAgUEAQEBAQcjBAZtZW1vcnkCAAN4b3IAAAZmcmFtZXMAAQdyZWZyYW1lAAIKgwUDXAIBfwF7IAH9ESEDA0AgAiAC/QAEACAD/VH9CwQAIAIgAv0ABBAgA/1R/QsEECACIAL9AAQgIAP9Uf0LBCAgAiAC/QAEMCAD/VH9CwQwIAJBwABqIgIgAEkNAAsL2AECBH8BewJAA0AgA0EGaiAASw0BIAMtAAAgAUcNASADLQABQYABayEFIANBBmohBCAFQf4ARgRAIAMtAAJBCHQgAy0AA3IhBSAFQf4ASQ0CIANBCGohBAUgBUH/AEYNAgsgBSACSw0BIAQgBWohBiAGIABLDQEgBEEEa/0JAgAhByAFQQ9xIQUCQANAIAQgBiAFa08NASAEIAT9AAQAIAf9Uf0LBAAgBEEQaiEEDAALCyAEIAT9AAQAIAdBkIACIAVr/QAEAP1O/VH9CwQAIAYhAwwACwsgAwvJAgIHfwN7QYCgAiEIAkADQCAEQQZqIABLDQEgBC0AACABRw0BIAQtAAFBgAFrIQYgBEEGaiEFIAhBAmohCSAGQf4ARgRAIAQtAAJBCHQgBC0AA3IhBiAGQf4ASQ0CIARBCGohBSAIQQRqIQkFIAZB/wBGDQILIAYgAksNASAFIAZqIQcgByAASw0BIAggBCgCAEH//31xNgIAIAVBBGv9CQIAIQv9DAAAAAAAAAAAAAAAAAAAAAAhDSAGQQ9xIQYCQANAIAUgByAGa08NASAF/QAEACAL/VEhDCAJIAz9CwQAIA0gDP1QIQ0gBUEQaiEFIAlBEGohCQwACwsgBf0ABAAgC/1RQZCAAiAGa/0ABAD9TiEMIAkgDP0LBAAgDSAM/VAgA/0R/U79Uw0BIAchBCAJIAZqIQggCkGAgARqIQoMAAsLIAQgCnILCygBAEGAgAILIP////////////////////8AAAAAAAAAAAAAAAAAAAAA';

/** Bytes a step, few enough for a first-level cache: of 4, 8, 16 and 32 KiB the best or level with it. */
export const STEP_BYTES = 16_384;

/** What we need of the global; @types/node leaves it to the DOM's types. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly xor: (end: number, key: number) => void;
  readonly frames: (end: number, first: number, most: number) => number;
  readonly reframe: (end: number, first: number, most: number, refused: number) => number;
}

interface Machine {
  readonly xor: Exports['xor'];
  readonly frames: Exports['frames'];
  readonly reframe: Exports['reframe'];
  readonly memory: Uint8Array;
  /** The first STEP_BYTES of memory. */
  readonly step: Uint8Array;
}

/** Where in the memory `reframe` puts frames. */
const REFRAMED_AT = 36_864;

/** The bits that no byte of ASCII has, four times. */
const NOT_ASCII = 0x80808080;

/** A server's header has no key. */
const KEY_BYTES = 4;

/**
 * The kernel and its memory, which all masking of a process shares: only `takeFrames`, right after `frames`, and `takeReframed`,
 * right after `reframe`, read it.
 */
export class VectorKernel {
  #machine: Machine | null | undefined;
  /** The last view of less than a step, and of what was reframed: payloads of one size tend to come in a row. */
  #view: Uint8Array = new Uint8Array(0);
  #reframedView: Uint8Array = new Uint8Array(0);
  /** Messages that `reframe` has found, and the bytes that it has made of them. */
  reframed = 0;
  reframedBytes = 0;

  /** False where there is no WebAssembly, or none with vectors. Compiles 800 bytes at the first call. */
  get isAvailable(): boolean {
    if (this.#machine === undefined) this.#machine = load();
    return this.#machine !== null;
  }

  /**
   * XORs `size` bytes of `source` from `start` on with the masking key and puts them into `target` at `at`, which may be
   * the same place. Only where `isAvailable`.
   */
  xor(source: Uint8Array, start: number, size: number, key: number, target: Uint8Array, at: number): void {
    const { xor, memory, step } = this.#machine as Machine;
    for (let done = 0; done < size; done += STEP_BYTES) {
      const length = Math.min(STEP_BYTES, size - done);
      memory.set(viewOf(source, start + done, length));
      xor(length, key);
      target.set(length === STEP_BYTES ? step : this.#first(length, memory), at + done);
    }
  }

  /** XORs all of `bytes`, at most STEP_BYTES, in place. Only where `isAvailable`. */
  xorWhole(bytes: Uint8Array, key: number): void {
    const { xor, memory } = this.#machine as Machine;
    const size = bytes.length;
    memory.set(bytes);
    xor(size, key);
    bytes.set(this.#first(size, memory));
  }

  /**
   * Unmasks the frames at the beginning of `size` bytes, at most STEP_BYTES, of `source` from `start` on: as many as begin
   * with the byte `first`, have at most `most` bytes of payload, and are whole and masked, with their length in its shortest
   * form. Returns how many bytes they have, headers included; `takeFrames` gives them. Only where `isAvailable`.
   */
  frames(source: Uint8Array, start: number, size: number, first: number, most: number): number {
    const { frames, memory } = this.#machine as Machine;
    memory.set(viewOf(source, start, size));
    return frames(size, first, most);
  }

  /** Puts the first `size` bytes of what `frames` has just unmasked into `target` at `at`. */
  takeFrames(size: number, target: Uint8Array, at: number): void {
    target.set(this.#first(size, (this.#machine as Machine).memory), at);
  }

  /**
   * Makes of such frames what a server sends: plain, without a key; with `isText` stops before a payload that is not ASCII. Returns
   * how many bytes they have at `source`; `takeReframed` gives what was made. Only where `isAvailable`.
   */
  reframe(source: Uint8Array, start: number, size: number, first: number, most: number, isText: boolean): number {
    const { reframe, memory } = this.#machine as Machine;
    memory.set(viewOf(source, start, size));
    const done = reframe(size, first, most, isText ? NOT_ASCII : 0);
    const taken = done & 0xffff;
    this.reframed = done >>> 16;
    this.reframedBytes = taken - this.reframed * KEY_BYTES;
    return taken;
  }

  /** Puts the `reframedBytes` into `target` at `at`. */
  takeReframed(target: Uint8Array, at: number): void {
    const { memory } = this.#machine as Machine;
    const size = this.reframedBytes;
    if (this.#reframedView.length !== size) this.#reframedView = memory.subarray(REFRAMED_AT, REFRAMED_AT + size);
    target.set(this.#reframedView, at);
  }

  #first(length: number, memory: Uint8Array): Uint8Array {
    if (this.#view.length !== length) this.#view = memory.subarray(0, length);
    return this.#view;
  }
}

/** One for the process. */
export const VECTORS = new VectorKernel();

function viewOf(source: Uint8Array, start: number, length: number): Uint8Array {
  if (length === source.length) return source;
  return new Uint8Array(source.buffer, source.byteOffset + start, length);
}

function load(): Machine | null {
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(CODE, 'base64')));
    const { xor, frames, reframe, memory } = instance.exports;
    const bytes = new Uint8Array(memory.buffer);
    return { xor, frames, reframe, memory: bytes, step: bytes.subarray(0, STEP_BYTES) };
  } catch {
    return null;
  }
}
