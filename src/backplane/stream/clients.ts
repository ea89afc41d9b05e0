/**
 * What we need of the official clients, which their users make and pass in.
 *
 * Knows: methods, in types of our own: a package that is not installed is not mentioned in our declarations, and any
 * version that has these methods will do. test/backplane passes the official ones.
 * Does not know: anything at run time.
 */

/** A message from NATS (`Msg` of @nats-io/nats-core). */
export interface NatsMessage {
  /** The payload, as the client hands it over. */
  readonly data: Uint8Array;
  /** Where an answer is expected: JetStream says the position here. */
  readonly reply?: string | undefined;
  /** Of what JetStream says by itself: heartbeats, the end of a consumer. */
  readonly headers?:
    | {
        /** 400 and more: there is nothing to deliver. */
        readonly code: number;
        /** Why, in words. */
        readonly description: string;
      }
    | undefined;
}

/** A subscription to NATS (`Subscription`). */
export interface NatsSubscription {
  /** Ends it; no message comes after. */
  unsubscribe(): void;
}

/** A connection to NATS (`NatsConnection` of @nats-io/nats-core 3). */
export interface NatsClient {
  /** Sends, without an answer. */
  publish(subject: string, payload?: Uint8Array, options?: { reply?: string }): void;
  /** Calls back for each message, from when the engine knows of it. */
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): NatsSubscription;
  /** Sends, and resolves with the answer; rejects after `timeout` milliseconds without one. */
  request(subject: string, payload: Uint8Array, options: { timeout: number }): Promise<NatsMessage>;
  /** Resolves when the engine has answered to all that was sent before. */
  flush(): Promise<void>;
  /** Events of the connection; `reconnect` is the one that a topic minds. */
  status(): AsyncIterable<{
    /** What has happened. */
    readonly type: string;
  }>;
  /** Resolves when the connection is closed for good, with the error if there was one. */
  closed(): Promise<unknown>;
  /** True when it is closed for good. */
  isClosed(): boolean;
}

/** A client of Redis (`createClient` of redis 5 or 6). */
export interface RedisClient {
  /** PUBLISH: to all who subscribe now. */
  publish(channel: string, message: Buffer): Promise<unknown>;
  /** SUBSCRIBE, on a connection that does nothing else; `true` asks for Buffers. */
  subscribe(channel: string, listener: (message: Buffer) => void, bufferMode: true): Promise<unknown>;
  /** Any command; `options` ask for Buffers in the answer. */
  sendCommand(command: (string | Buffer)[], options?: object): Promise<unknown>;
  /** Begins a transaction. */
  multi(): RedisTransaction;
  /** A client like this one, not connected yet. A topic closes it when it ends. */
  duplicate(): RedisClient;
  /** Resolves when it is ready for commands. */
  connect(): Promise<unknown>;
  /** Lets go of the connection at once. */
  destroy(): void;
  /** A topic minds `error`, `ready` and `end`. */
  on(event: string, listener: (...about: unknown[]) => void): unknown;
  /** False before `connect` and after the end; true while it reconnects. */
  readonly isOpen: boolean;
}

/** Commands that Redis runs in one go. */
export interface RedisTransaction {
  /** Queues a command. */
  addCommand(command: (string | Buffer)[]): unknown;
  /** Sends them; rejects when Redis refuses one. */
  exec(): Promise<unknown>;
}
