/**
 * Masking of long runs, and of many frames at once: 16 bytes an instruction, in WebAssembly (mask-vector.wat, RFC 6455 §5.3).
 *
 * Knows: that WebAssembly sees only its own memory, so bytes are copied in and out, in steps that stay in the cache of the
 * processor; how to copy to another place on the way.
 * Does not know: from which size on that pays (mask.ts).
 */

/** The machine form of mask-vector.wat: `npm run build:wasm` writes this line. */
const CODE =
  'AGFzbQEAAAABDQJgAn9/AGADf39/AX8DAwIAAQUEAQEBAQcZAwZtZW1vcnkCAAN4b3IAAAZmcmFtZXMAAQq4AgJcAgF/AXsgAf0RIQMDQCACIAL9AAQAIAP9Uf0LBAAgAiAC/QAEECAD/VH9CwQQIAIgAv0ABCAgA/1R/QsEICACIAL9AAQwIAP9Uf0LBDAgAkHAAGoiAiAASQ0ACwvYAQIEfwF7AkADQCADQQZqIABLDQEgAy0AACABRw0BIAMtAAFBgAFrIQUgA0EGaiEEIAVB/gBGBEAgAy0AAkEIdCADLQADciEFIAVB/gBJDQIgA0EIaiEEBSAFQf8ARg0CCyAFIAJLDQEgBCAFaiEGIAYgAEsNASAEQQRr/QkCACEHIAVBD3EhBQJAA0AgBCAGIAVrTw0BIAQgBP0ABAAgB/1R/QsEACAEQRBqIQQMAAsLIAQgBP0ABAAgB0GQgAIgBWv9AAQA/U79Uf0LBAAgBiEDDAALCyADCwsoAQBBgIACCyD/////////////////////AAAAAAAAAAAAAAAAAAAAAA==';

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
}

interface Machine {
  readonly xor: Exports['xor'];
  readonly frames: Exports['frames'];
  readonly memory: Uint8Array;
  /** The first STEP_BYTES of memory. */
  readonly step: Uint8Array;
}

/** The kernel and its memory, which all masking of a process shares: only `takeFrames`, right after `frames`, reads it. */
export class VectorKernel {
  #machine: Machine | null | undefined;
  /** The last view of less than a step: payloads of one size tend to come in a row. */
  #view: Uint8Array = new Uint8Array(0);

  /** False where there is no WebAssembly, or none with vectors. Compiles 400 bytes at the first call. */
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
    const { xor, frames, memory } = instance.exports;
    const bytes = new Uint8Array(memory.buffer);
    return { xor, frames, memory: bytes, step: bytes.subarray(0, STEP_BYTES) };
  } catch {
    return null;
  }
}
