/**
 * A Transform that may stop in the middle of a chunk.
 *
 * Knows: how to park the callback of a write while the reader has enough, and to go on when it asks for more; how to give
 * others a turn of the event loop.
 * Does not know: what is written or read.
 */
import { Transform, type TransformCallback } from '../../streams.js';

/**
 * One written chunk may become any number of outputs: after `accept`, `produce` is called until it answers null or the
 * reader has enough. At most the high-water mark plus one outputs are ever queued.
 */
export abstract class PullTransform<Chunk> extends Transform {
  #parked: TransformCallback | null = null;
  #pumping = false;
  /** True while others have their turn of the event loop. A write is parked as long. */
  #resting = false;

  /** Takes a chunk; all that it leads to is then asked for with `produce`. May throw. */
  protected abstract accept(chunk: Chunk): void;

  /** The next output, or null when the chunk is used up. May throw. */
  protected abstract produce(): unknown;

  /** Lets go of everything held; nothing more will be asked for. */
  protected abstract discard(): void;

  /** True when so much was done in this turn of the event loop that others should have theirs. Asked before each output. */
  protected isTired(): boolean {
    return false;
  }

  /** A new turn of the event loop has come. */
  protected rested(): void {}

  override _transform(chunk: Chunk, _: BufferEncoding, done: TransformCallback): void {
    this.#parked = done;
    try {
      this.accept(chunk);
    } catch (error) {
      this.#settle(error as Error);
      return;
    }
    this.#pump();
  }

  override _read(size: number): void {
    this.#pump();
    // Transform parks a write of its own when the reader was full; without this call it would wait for ever.
    super._read(size);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.discard();
    super._destroy(error, callback);
    if (this.#parked !== null) this.#settle(error ?? writeCutOff());
  }

  #pump(): void {
    // A 'data' listener may read, and so call us again, while `push` is still on the stack.
    if (this.#pumping || this.#resting) return;
    this.#pumping = true;
    try {
      // Settling a write may bring the next chunk at once, while we are still on the stack.
      while (this.#parked !== null && !this.destroyed) {
        if (this.isTired()) {
          this.#rest();
          return;
        }
        const output = this.#next();
        if (output !== null && !this.push(output)) return;
      }
    } finally {
      this.#pumping = false;
    }
  }

  #rest(): void {
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.rested();
      this.#pump();
    });
  }

  /** The next output; null when a write has been settled, one way or the other. */
  #next(): unknown {
    try {
      const output = this.produce();
      if (output === null) this.#settle(null);
      return output;
    } catch (error) {
      this.#settle(error as Error);
      return null;
    }
  }

  /** Ends the write that is under way, once. */
  #settle(error: Error | null): void {
    const done = this.#parked;
    this.#parked = null;
    done?.(error);
  }
}

/** What Node's own streams say to a write that `destroy()` cut off. */
export function writeCutOff(): Error {
  return Object.assign(new Error('Cannot finish a write after the stream was destroyed'), {
    code: 'ERR_STREAM_DESTROYED',
  });
}
