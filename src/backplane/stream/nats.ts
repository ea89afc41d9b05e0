/**
 * `natsTopic`: a subject of NATS as a stream.
 *
 * Knows: publish and subscribe, at most once: what is published while a reader is disconnected is lost to it.
 * Does not know: JetStream (nats-replay.ts).
 */
import { Buffer } from 'node:buffer';
import type { Message } from '../../codec/message-assembler.js';
import { BackplaneError } from '../backplane-error.js';
import { seal } from '../envelope.js';
import type { NatsClient, NatsSubscription } from './clients.js';
import type { Engine, Sink } from './engine.js';
import { NatsReplay } from './nats-replay.js';
import { type NatsTopicOptions, natsReplay, topicName, topicSettings } from './options.js';
import { pause } from './pause.js';
import { Topic } from './topic.js';
import { checkOpen, watch } from './watch.js';

/**
 * A stream of the messages on `subject`: writing publishes, reading subscribes. `connection` is yours, and may carry any
 * number of topics; make it with `maxReconnectAttempts: -1`, or a topic fails when the client gives up.
 * @throws UsageError for a bad option.
 */
export function natsTopic(connection: NatsClient, subject: string, options: NatsTopicOptions = {}): Topic {
  const settings = topicSettings(options);
  const name = topicName(subject);
  const replay = natsReplay(options.replay);
  if (replay === null) return new Topic((sink) => new NatsSubject(connection, name, sink), settings, null);
  const position = typeof replay.from === 'object' ? replay.from.after : null;
  return new Topic((sink) => new NatsReplay(connection, name, replay, sink), settings, position);
}

/** How long until an engine that is away is asked again. */
const RETRY_MS = 100;

class NatsSubject implements Engine {
  readonly #connection: NatsClient;
  readonly #subject: string;
  readonly #sink: Sink;
  #subscription: NatsSubscription | null = null;
  #stopWatching = () => {};
  /** The connection was lost under a write of ours: the next one waits until it is back. */
  #isAway = false;

  constructor(connection: NatsClient, subject: string, sink: Sink) {
    this.#connection = connection;
    this.#subject = subject;
    this.#sink = sink;
  }

  /** The engine has answered after them, so it has them. When it goes away before that, nobody can know. */
  async publish(messages: readonly Message[], signal: AbortSignal): Promise<void> {
    while (this.#isAway && !signal.aborted) {
      this.#isAway = !(await this.#answers());
      if (this.#isAway) await pause(RETRY_MS);
    }
    if (signal.aborted) return;
    checkOpen(this.#connection);
    for (const message of messages) this.#send(seal(message));
    if (await this.#answers()) return;
    checkOpen(this.#connection);
    this.#isAway = true;
    this.#sink.gap({ reason: 'write', missed: messages.length });
  }

  async subscribe(): Promise<void> {
    checkOpen(this.#connection);
    this.#subscription = this.#connection.subscribe(this.#subject, {
      callback: (cause, { data }) => {
        if (cause !== null) this.#sink.failed(new BackplaneError('REFUSED', cause.message, { cause }));
        else this.#sink.message(Buffer.from(data.buffer, data.byteOffset, data.byteLength), null);
      },
    });
    this.#stopWatching = watch(this.#connection, this.#sink, () => {
      this.#sink.gap({ reason: 'reconnect', missed: null });
    });
    // Known to the server before anything that is published after this; when it is away, as soon as it is back.
    await this.#answers();
  }

  close(): void {
    this.#stopWatching();
    this.#subscription?.unsubscribe();
  }

  /** The client itself knows what is too long for its server. */
  #send(bytes: Buffer): void {
    try {
      this.#connection.publish(this.#subject, bytes);
    } catch (cause) {
      checkOpen(this.#connection, cause);
      throw new BackplaneError('REFUSED', (cause as Error).message, { cause });
    }
  }

  /** False when the connection was lost before there was an answer. */
  #answers(): Promise<boolean> {
    checkOpen(this.#connection);
    return this.#connection.flush().then(
      () => true,
      () => false,
    );
  }
}
