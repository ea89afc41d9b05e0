/**
 * JSON lines to a watcher, dropped when it is too slow.
 *
 * Knows: how many bytes wait, and how many lines were left out.
 * Does not know: what the lines say.
 */
import type { Writable } from 'node:stream';

/** Bytes that may wait for a slow watcher. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Writes each line as one message to `out`, as long as not too much waits there. */
export class Feed {
  readonly #out: Writable;
  readonly #maxWaitingBytes: number;
  #waiting = 0;
  #dropped = 0;

  constructor(out: Writable, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.#out = out;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** Lines that were left out and not reported yet. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sends a line that may be lost, such as one frame of many. */
  offer(line: object): void {
    if (this.#waiting >= this.#maxWaitingBytes) this.#dropped++;
    else this.#send(line);
  }

  /** Sends a line that the page cannot do without. There are few of these: each answers a command or ends a thing. */
  tell(line: object): void {
    if (this.#waiting < this.#maxWaitingBytes * 2) this.#send(line);
  }

  #send(line: object): void {
    if (this.#out.writableEnded || this.#out.destroyed) return;
    const json = JSON.stringify(line);
    this.#waiting += json.length;
    this.#out.write(json, () => {
      this.#waiting -= json.length;
      this.#report();
    });
  }

  /** As soon as there is room again, says how much was lost. */
  #report(): void {
    if (this.#dropped === 0 || this.#waiting > this.#maxWaitingBytes / 2) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#send({ type: 'dropped', count });
  }
}
