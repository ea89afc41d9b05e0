/**
 * Lines from bytes that arrive in any cut.
 *
 * Knows: that a line ends with a newline or with the input, and that it must be UTF-8 and fit into memory.
 * Does not know: streams.
 */
import { ByteGatherer } from '../codec/byte-gatherer.js';
import { UsageError } from '../errors.js';

const NEWLINE = 0x0a;

/** Push chunks, get the lines that they complete; `end` gives what was left without a newline. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #open = new ByteGatherer();
  #openBytes = 0;
  #line = 1;

  /** `maxBytes`: the longest line. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in `chunk`, without their newline. Throws a UsageError for one that is too long or not UTF-8. */
  *push(chunk: Buffer): Generator<string> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk, from, at);
      yield this.#take();
      from = at + 1;
    }
    if (from < chunk.length) this.#keep(chunk, from, chunk.length);
  }

  /** The last line if it had no newline, else null. */
  end(): string | null {
    return this.#openBytes === 0 ? null : this.#take();
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    this.#openBytes += to - from;
    if (this.#openBytes > this.#maxBytes) {
      throw new UsageError(`Line ${this.#line} is longer than ${this.#maxBytes} bytes; --binary has no lines.`);
    }
    this.#open.add(chunk, from, to);
  }

  #take(): string {
    const bytes = this.#open.take();
    this.#openBytes = 0;
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new UsageError(`Line ${this.#line} is not UTF-8, which a text message must be; --binary sends any bytes.`);
    } finally {
      this.#line++;
    }
  }
}
