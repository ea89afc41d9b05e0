/**
 * A Redis Stream, read from a position.
 *
 * Knows: that what is published together is added together or not at all, and again until Redis says that it was; that
 * reading goes on behind the last entry after whatever has happened; that the stream waits for a slow reader.
 * Does not know: who reads.
 */
import { randomBytes } from 'node:crypto';
import type { Message } from '../../codec/message-assembler.js';
import { BackplaneError } from '../backplane-error.js';
import { WRITER_BYTES } from '../envelope.js';
import {
  addEntry,
  awaitEntry,
  entriesAfter,
  entriesIn,
  entryAt,
  lastEntry,
  type StreamEntry,
} from '../redis-entries.js';
import type { RedisClient } from './clients.js';
import type { Engine, Sink } from './engine.js';
import type { RedisReplaySettings } from './options.js';
import { pause } from './pause.js';

const BATCH = 64;
/** A blocked read ends after this long and is made anew, so that a connection that is cut off without a word is noticed. */
const BLOCK_MS = 5_000;
const RETRY_MS = 100;
/** The number by which RESP calls strings, and what we want for them. */
const IN_BUFFERS = { typeMapping: { 36: Buffer } };

/** Before every entry. */
const START = '0-0';

/** One stream. */
export class RedisReplay implements Engine {
  readonly #client: RedisClient;
  readonly #stream: string;
  readonly #replay: RedisReplaySettings;
  readonly #sink: Sink;
  readonly #writer = randomBytes(WRITER_BYTES).toString('base64url').slice(0, WRITER_BYTES);
  #number = 0;
  #reader: RedisClient | null = null;
  /** The entry that was read last; null before anything is known. */
  #last: string | null;
  /** The connection was lost: the stream may have changed. */
  #mayHaveGap: boolean;
  #isClosed = false;

  constructor(client: RedisClient, stream: string, replay: RedisReplaySettings, sink: Sink) {
    this.#client = client;
    this.#stream = stream;
    this.#replay = replay;
    this.#sink = sink;
    this.#last = replay.from === 'new' ? null : replay.from === 'start' ? START : replay.from.after;
    this.#mayHaveGap = typeof replay.from === 'object';
  }

  async publish(messages: readonly Message[], signal: AbortSignal): Promise<void> {
    const { keep } = this.#replay;
    const commands = messages.map((one) => addEntry(this.#stream, keep, one, this.#writer, this.#number++));
    while (!signal.aborted) {
      if (!this.#client.isOpen) throw new BackplaneError('CLOSED', 'The client of Redis is closed.');
      const transaction = this.#client.multi();
      for (const command of commands) transaction.addCommand(command);
      const cause = await transaction.exec().then(
        () => null,
        (error: Error) => error,
      );
      if (cause === null) return;
      if (isRefusal(cause)) throw new BackplaneError('REFUSED', cause.message, { cause });
      await pause(RETRY_MS);
    }
  }

  async subscribe(): Promise<void> {
    const reader = this.#client.duplicate();
    this.#reader = reader;
    reader.on('error', () => {});
    reader.on('end', () => this.#sink.failed(new BackplaneError('CLOSED', 'The connection to Redis is closed.')));
    await reader.connect();
    while (this.#last === null && !this.#isClosed) {
      const newest = await this.#entries(lastEntry(this.#stream));
      this.#last = newest === null ? null : (newest[0]?.id ?? START);
    }
    this.#read().catch((error: Error) => this.#sink.failed(error));
  }

  close(): void {
    this.#isClosed = true;
    if (this.#reader?.isOpen) this.#reader.destroy();
  }

  async #read(): Promise<void> {
    while (!this.#isClosed) {
      await this.#sink.room();
      if (this.#isClosed) return;
      if (this.#mayHaveGap) await this.#lookForGap();
      const entries = await this.#entries(entriesAfter(this.#stream, this.#last ?? START, BATCH));
      for (const { id, bytes } of entries ?? []) {
        this.#last = id;
        this.#sink.message(bytes, id);
      }
      if (entries?.length === 0) await this.#ask(awaitEntry(this.#stream, this.#last ?? START, BLOCK_MS));
    }
  }

  /** Whether the stream still knows the entry that we have read last: then it has all that came after it. */
  async #lookForGap(): Promise<void> {
    const last = this.#last ?? START;
    const known = last === START ? [last] : await this.#entries(entryAt(this.#stream, last));
    if (known === null) return;
    this.#mayHaveGap = false;
    if (known.length === 0) this.#sink.gap({ reason: 'trimmed', missed: null });
  }

  async #entries(command: (string | Buffer)[]): Promise<StreamEntry[] | null> {
    const reply = await this.#ask(command);
    return reply === undefined ? null : entriesIn(reply);
  }

  /** Undefined when there was no reply; that takes its time. */
  async #ask(command: (string | Buffer)[]): Promise<unknown> {
    try {
      return await this.#reader?.sendCommand(command, IN_BUFFERS);
    } catch (cause) {
      if (isRefusal(cause as Error)) throw new BackplaneError('REFUSED', (cause as Error).message, { cause });
      this.#mayHaveGap = true;
      await pause(RETRY_MS);
      return undefined;
    }
  }
}

/** Redis has answered, with a no that will not change: a wrong type of key, a missing right. */
function isRefusal(error: Error): boolean {
  return /^(WRONGTYPE|NOPERM|ERR|NOAUTH|EXECABORT)\b/.test(error.message);
}
