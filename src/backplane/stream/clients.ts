/**
 * What we need of the official clients, which their users make and pass in.
 *
 * Knows: methods, in types of our own: a package that is not installed is not mentioned in our declarations, and any
 * version that has these methods will do. test/backplane passes the official ones.
 * Does not know: anything at run time.
 */

/** A message from NATS (`Msg` of @nats-io/nats-core). */
export interface NatsMessage {
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: { readonly code: number; readonly description: string } | undefined;
}

/** A subscription to NATS (`Subscription`). */
export interface NatsSubscription {
  unsubscribe(): void;
}

/** A connection to NATS (`NatsConnection` of @nats-io/nats-core 3). */
export interface NatsClient {
  publish(subject: string, payload?: Uint8Array, options?: { reply?: string }): void;
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): NatsSubscription;
  request(subject: string, payload: Uint8Array, options: { timeout: number }): Promise<NatsMessage>;
  flush(): Promise<void>;
  status(): AsyncIterable<{ readonly type: string }>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
}

/** A client of Redis (`createClient` of redis 5 or 6). */
export interface RedisClient {
  publish(channel: string, message: Buffer): Promise<unknown>;
  subscribe(channel: string, listener: (message: Buffer) => void, bufferMode: true): Promise<unknown>;
  sendCommand(command: (string | Buffer)[], options?: object): Promise<unknown>;
  multi(): RedisTransaction;
  duplicate(): RedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: (...about: unknown[]) => void): unknown;
  readonly isOpen: boolean;
}

/** Commands that Redis runs in one go. */
export interface RedisTransaction {
  addCommand(command: (string | Buffer)[]): unknown;
  exec(): Promise<unknown>;
}
