/**
 * A piece of pipe with a window in it.
 *
 * Knows: how to show each chunk to a WireTap before it goes on.
 * Does not know: which way the bytes flow.
 */
import { Transform, type TransformCallback } from '../streams.js';
import type { WireTap } from './wire-tap.js';

/** Bytes → the same bytes. Without a tap it is a plain piece of pipe. */
export class TapStage extends Transform {
  readonly #tap: WireTap | null;

  constructor(tap: WireTap | null) {
    super();
    this.#tap = tap;
  }

  override _transform(chunk: Uint8Array, _: BufferEncoding, done: TransformCallback): void {
    this.#tap?.push(chunk);
    done(null, chunk);
  }
}
