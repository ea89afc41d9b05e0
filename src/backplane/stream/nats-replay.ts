/**
 * A subject of NATS that JetStream keeps, read from a position.
 *
 * Knows: that each message is acknowledged by the stream or published again, that reading goes on behind the last one
 * after whatever has happened, and that the stream waits for a slow reader.
 * Does not know: who reads.
 */
import { randomBytes } from 'node:crypto';
import type { Message } from '../../codec/message-assembler.js';
import { BackplaneError } from '../backplane-error.js';
import { seal, WRITER_BYTES } from '../envelope.js';
import {
  type ApiRequest,
  consumerIn,
  createConsumer,
  errorIn,
  isStored,
  nextMessages,
  type StreamState,
  stateIn,
  streamInfo,
} from '../jetstream.js';
import type { NatsClient } from './clients.js';
import type { Engine, Sink } from './engine.js';
import type { NatsReplaySettings } from './options.js';
import { pause } from './pause.js';
import { Pulls } from './pulls.js';
import { checkOpen, watch } from './watch.js';

/** Messages are asked for so many at a time, for so long. */
const BATCH = 32;
const EXPIRES_MS = 30_000;

/** How long a reply may take before the question is asked again. */
const REPLY_MS = 2_000;
const RETRY_MS = 100;

/** One subject, one stream. */
export class NatsReplay implements Engine {
  readonly #connection: NatsClient;
  readonly #subject: string;
  readonly #replay: NatsReplaySettings;
  readonly #sink: Sink;
  readonly #writer = randomBytes(WRITER_BYTES).toString('base64url').slice(0, WRITER_BYTES);
  readonly #pulls: Pulls;
  #number = 0;
  /** The place of the last message that was read; null before anything is known. */
  #last: number | null;
  #stopWatching = () => {};
  #isClosed = false;

  constructor(connection: NatsClient, subject: string, replay: NatsReplaySettings, sink: Sink) {
    this.#connection = connection;
    this.#subject = subject;
    this.#replay = replay;
    this.#sink = sink;
    this.#last = replay.from === 'start' ? 0 : replay.from === 'new' ? null : Number(replay.from.after);
    this.#pulls = new Pulls(connection, (sequence, bytes) => this.#take(sequence, bytes));
  }

  /** One after the other, each until the stream has it: published together, one could be lost and the next one not. */
  async publish(messages: readonly Message[], signal: AbortSignal): Promise<void> {
    for (const message of messages) {
      const bytes = seal(message, { writer: this.#writer, number: this.#number++ });
      while (!signal.aborted && !(await this.#store(bytes))) await pause(RETRY_MS);
    }
  }

  async subscribe(): Promise<void> {
    checkOpen(this.#connection);
    this.#stopWatching = watch(this.#connection, this.#sink, () => this.#pulls.interrupt());
    const consumer = await this.#consume();
    this.#read(consumer).catch((error: Error) => this.#sink.failed(error));
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWatching();
    this.#pulls.close();
  }

  async #store(bytes: Buffer): Promise<boolean> {
    checkOpen(this.#connection);
    const reply = await this.#connection.request(this.#subject, bytes, { timeout: REPLY_MS }).catch(refuse);
    if (reply === null) return false;
    const error = errorIn(reply.data);
    if (error !== null && error.code < 500) throw new BackplaneError('REFUSED', error.description);
    return isStored(reply.data);
  }

  async #read(first: string): Promise<void> {
    let consumer = first;
    while (!this.#isClosed) {
      const hadStopped = await this.#sink.room();
      if (this.#isClosed) return;
      checkOpen(this.#connection);
      // Meanwhile the stream may have been trimmed; a consumer passes over what is gone and says nothing.
      if (hadStopped) await this.#lookForGap();
      const { subject, payload } = nextMessages(this.#replay.stream, consumer, BATCH, EXPIRES_MS);
      const goesOn = await this.#pulls.pull(subject, payload, BATCH, EXPIRES_MS + REPLY_MS);
      if (goesOn || this.#isClosed) continue;
      // A refusal that comes at once, each time, is not to keep the engine busy.
      await pause(RETRY_MS);
      consumer = await this.#consume();
    }
  }

  #take(sequence: number, bytes: Buffer): void {
    if (sequence <= (this.#last ?? 0)) return;
    this.#last = sequence;
    this.#sink.message(bytes, String(sequence));
  }

  /** A consumer that goes on behind the last message; asks until there is one. */
  async #consume(): Promise<string> {
    for (;;) {
      if (this.#isClosed) return '';
      const consumer = await this.#tryToConsume();
      if (consumer !== null) return consumer;
      await pause(RETRY_MS);
    }
  }

  async #tryToConsume(): Promise<string | null> {
    const last = await this.#lookForGap();
    if (last === null) return null;
    const made = await this.#ask(createConsumer(this.#replay.stream, this.#subject, last));
    return made === null ? null : consumerIn(made);
  }

  /** The place behind which reading goes on; null when the stream does not say what it has. */
  async #lookForGap(): Promise<number | null> {
    const info = await this.#ask(streamInfo(this.#replay.stream));
    const state = info === null ? null : stateIn(info);
    if (state === null) return null;
    this.#last = this.#goOnFrom(state);
    return this.#last;
  }

  #goOnFrom({ firstSequence, lastSequence }: StreamState): number {
    if (this.#last === null) return lastSequence;
    const missed = firstSequence - 1 - this.#last;
    const isFirst = this.#last === 0 && this.#replay.from === 'start';
    if (this.#last > lastSequence) {
      this.#sink.gap({ reason: 'trimmed', missed: null });
      return 0;
    }
    if (missed > 0 && !isFirst) this.#sink.gap({ reason: 'trimmed', missed });
    return Math.max(this.#last, firstSequence - 1);
  }

  /** Null when there was no answer, or one that may be another soon. */
  async #ask({ subject, payload }: ApiRequest): Promise<Uint8Array | null> {
    const reply = await this.#connection.request(subject, payload, { timeout: REPLY_MS }).catch(() => null);
    const error = reply === null ? null : errorIn(reply.data);
    if (error !== null && error.code < 500) throw new BackplaneError('REFUSED', `JetStream: ${error.description}.`);
    return reply === null || error !== null ? null : reply.data;
  }
}

/** Null for what may go better next time. The client itself knows what is too long for its server. */
function refuse(cause: Error): null {
  if (cause.name !== 'InvalidArgumentError') return null;
  throw new BackplaneError('REFUSED', cause.message, { cause });
}
