/**
 * The echo, with a valve in front of it.
 *
 * Knows: how to write what it is given to where it goes, how to stop doing so, and how many bytes it has let through.
 * Does not know: frames, sockets, or what fills up behind it: that is what backpressure is for.
 */
import { Buffer } from 'node:buffer';
import { Writable } from '../streams.js';

type Done = (error?: Error | null) => void;

/** Messages → the same messages, into `out`. While closed it takes one message and keeps the writer waiting. */
export class Valve extends Writable {
  readonly #out: Writable;
  #shut = false;
  #parked: (() => void) | null = null;
  #taken = 0;

  constructor(out: Writable) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#out = out;
  }

  /** Payload bytes of the messages that went through. */
  get takenBytes(): number {
    return this.#taken;
  }

  get isShut(): boolean {
    return this.#shut;
  }

  shut(): void {
    this.#shut = true;
  }

  open(): void {
    this.#shut = false;
    const parked = this.#parked;
    this.#parked = null;
    parked?.();
  }

  override _write(message: string | Buffer, _: BufferEncoding, done: Done): void {
    if (this.#shut) {
      this.#parked = () => this.#pass(message, done);
      return;
    }
    this.#pass(message, done);
  }

  override _final(done: Done): void {
    if (this.#shut) {
      this.#parked = () => this._final(done);
      return;
    }
    this.#out.end();
    done();
  }

  #pass(message: string | Buffer, done: Done): void {
    this.#taken += Buffer.byteLength(message);
    if (this.#out.writableEnded || this.#out.destroyed) done();
    else if (this.#out.write(message)) done();
    else this.#out.once('drain', () => done());
  }
}
