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
import { addEntry, awaitEntry, entriesFrom, entriesIn, lastEntry, type StreamEntry } from '../redis-entries.js';
import { refusalIn } from '../redis-refusal.js';
import type { RedisClient } from './clients.js';
import type { Engine, Sink } from './engine.js';
import { follow } from './follow.js';
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
  /** The entry that the stream no longer had when we came back to it, so that it is told once. */
  #trimmed: string | null = null;
  #isClosed = false;

  constructor(client: RedisClient, stream: string, replay: RedisReplaySettings, sink: Sink) {
    this.#client = client;
    this.#stream = stream;
    this.#replay = replay;
    this.#sink = sink;
    this.#last = replay.from === 'new' ? null : replay.from === 'start' ? START : replay.from.after;
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
      const refusal = refusalIn(cause);
      if (refusal !== null) throw refusal;
      await pause(RETRY_MS);
    }
  }

  async subscribe(): Promise<void> {
    const reader = this.#client.duplicate();
    this.#reader = reader;
    await follow(reader, this.#sink, () => {});
    if (this.#isClosed) {
      this.close();
      return;
    }
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
      const last = this.#last ?? START;
      const entries = await this.#entries(entriesFrom(this.#stream, last, BATCH));
      const newer = entries && this.#behind(last, entries);
      for (const { id, bytes } of newer ?? []) {
        this.#last = id;
        if (bytes !== null) this.#sink.message(bytes, id);
      }
      if (newer?.length === 0) await this.#ask(awaitEntry(this.#stream, last, BLOCK_MS));
    }
  }

  /** Entries behind `last`. A stream that has `last` has all that came after it; one that has not was trimmed meanwhile. */
  #behind(last: string, entries: StreamEntry[]): StreamEntry[] {
    if (entries[0]?.id === last) return entries.slice(1);
    if (last !== START && last !== this.#trimmed) {
      this.#trimmed = last;
      this.#sink.gap({ reason: 'trimmed', missed: null });
    }
    return entries;
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
      const refusal = refusalIn(cause);
      if (refusal !== null) throw refusal;
      await pause(RETRY_MS);
      return undefined;
    }
  }
}
