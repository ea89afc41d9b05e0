/**
 * A topic of an engine as one Duplex: writing publishes, reading subscribes.
 *
 * Knows: what waits for the reader and what that may cost, how long a write may take.
 * Does not know: engines.
 */
import type { Message } from '../../codec/message-assembler.js';
import { bytesOf } from '../../codec/payload.js';
import { PreparedMessage } from '../../duplex/prepared-message.js';
import { UsageError } from '../../errors.js';
import { Duplex } from '../../streams.js';
import { Backlog } from '../backlog.js';
import { BackplaneError } from '../backplane-error.js';
import { Duplicates } from '../duplicates.js';
import { open } from '../envelope.js';
import type { Engine, EngineFor, Gap, Sink } from './engine.js';
import type { TopicSettings } from './options.js';

type Done = (error?: Error | null) => void;

/** Messages that wait on either side before the other one is asked to wait; they are published together. */
const MESSAGES_AT_ONCE = 64;

/**
 * Made by `natsTopic` and `redisTopic`. Reads strings for text and Buffers for binary; writes what a WebSocket takes,
 * except for messages that are still being produced. Subscribes when somebody reads, so one that is only written to costs
 * the engine nothing. Everybody who reads gets everything, also what was written here.
 *
 * Events besides the stream's own: 'gap' with `{ reason, missed }`, when messages are lost or may be. `end()` finishes
 * when the engine has everything, and destroys a topic that nobody reads. An error destroys it, also one that a listener of
 * 'gap' throws.
 */
export class Topic extends Duplex {
  readonly #settings: TopicSettings;
  readonly #engine: Engine;
  readonly #backlog: Backlog;
  readonly #duplicates = new Duplicates();
  #subscribed: Promise<void> | null = null;
  #missed = 0;
  /** Called when the reader wants more. */
  #wanted: (() => void)[] = [];

  /**
   * `position`: where reading goes on, if it was given.
   * @internal
   */
  constructor(engineFor: EngineFor, settings: TopicSettings, position: string | null) {
    super({ objectMode: true, highWaterMark: MESSAGES_AT_ONCE });
    this.#settings = settings;
    this.#backlog = new Backlog(position);
    const sink: Sink = {
      message: (bytes, at) => this.#take(bytes, at),
      room: () => this.#room(),
      gap: (gap) => this.#tell(gap),
      failed: (error) => this.destroy(error),
    };
    this.#engine = engineFor(sink);
  }

  /**
   * Subscribes, if nobody has read yet, and resolves when everything that is published from now on will be read. Rejects
   * with what made it fail, and with ERR_BACKPLANE_CLOSED when it was destroyed.
   */
  subscribed(): Promise<void> {
    if (this.#subscribed === null) {
      this.#subscribed = this.#subscribe();
      this.#subscribed.catch((error: Error) => this.destroy(error));
    }
    return this.#subscribed;
  }

  /**
   * The position of the last message that was read: begin after it, with `replay: { from: { after } }`, and nothing is
   * lost or read twice. Null without replay, and before the first message.
   */
  get position(): string | null {
    this.#backlog.settle(this.readableLength);
    return this.#backlog.position;
  }

  override _read(): void {
    if (this.#subscribed === null) void this.subscribed();
  }

  /** As Readable.read. What was taken makes room for more. */
  override read(size?: number): unknown {
    const item = super.read(size);
    if (this.#wanted.length > 0 && !this.#isFull) this.#goOn();
    return item;
  }

  override _writev(chunks: { chunk: unknown }[], done: Done): void {
    this.#publish(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  override _write(chunk: unknown, _: BufferEncoding, done: Done): void {
    this.#publish([chunk]).then(() => done(), done);
  }

  override _final(done: Done): void {
    if (this.#subscribed === null) this.once('finish', () => this.destroy());
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#engine.close();
    this.#goOn();
    done(error);
  }

  async #subscribe(): Promise<void> {
    if (!this.destroyed) await this.#engine.subscribe();
    if (this.destroyed) throw this.errored ?? new BackplaneError('CLOSED', 'The topic was destroyed.');
  }

  async #publish(written: readonly unknown[]): Promise<void> {
    const messages = written.map(messageOf);
    const { writeTimeoutMs } = this.#settings;
    const giveUp = new AbortController();
    const timer = writeTimeoutMs === Infinity ? undefined : setTimeout(() => giveUp.abort(), writeTimeoutMs);
    const tooLate = new Promise<never>((_, reject) => {
      giveUp.signal.onabort = () => {
        reject(new BackplaneError('TIMEOUT', `The engine took no message for ${writeTimeoutMs} ms.`));
      };
    });
    const cancel = () => giveUp.abort();
    this.once('close', cancel);
    try {
      await Promise.race([this.#engine.publish(messages, giveUp.signal), tooLate]);
    } finally {
      this.off('close', cancel);
      clearTimeout(timer);
    }
  }

  #take(bytes: Buffer, position: string | null): void {
    if (this.destroyed) return;
    const { message, stamp } = open(bytes);
    if (stamp !== null && this.#duplicates.has(stamp)) return;
    this.#backlog.settle(this.readableLength);
    if (position === null && this.#backlog.bytes + bytes.length > this.#settings.maxBufferedBytes) {
      this.#missed++;
      return;
    }
    if (this.#missed > 0) {
      const missed = this.#missed;
      this.#missed = 0;
      this.#tell({ reason: 'slow-reader', missed });
    }
    this.#backlog.add(bytes.length, position);
    this.push(message);
  }

  /** What a listener throws ends the topic: further up, it would end the engine's client. */
  #tell(gap: Gap): void {
    try {
      this.emit('gap', gap);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #goOn(): void {
    const wanted = this.#wanted;
    this.#wanted = [];
    for (const goOn of wanted) goOn();
  }

  async #room(): Promise<boolean> {
    const hadStopped = this.#isFull;
    while (!this.destroyed && this.#isFull) await new Promise<void>((resolve) => this.#wanted.push(resolve));
    return hadStopped;
  }

  get #isFull(): boolean {
    this.#backlog.settle(this.readableLength);
    return this.readableLength >= MESSAGES_AT_ONCE || this.#backlog.bytes >= this.#settings.maxBufferedBytes;
  }
}

function messageOf(written: unknown): Message {
  if (typeof written === 'string') return written;
  if (written instanceof PreparedMessage) return written.type === 'text' ? String(written.payload) : written.payload;
  const bytes = bytesOf(written);
  if (bytes === null)
    throw new UsageError('A topic takes strings, ArrayBufferViews, ArrayBuffers and PreparedMessages.');
  return bytes;
}
