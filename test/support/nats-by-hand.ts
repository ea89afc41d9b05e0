/**
 * A connection to NATS by hand, for what a real one does only by luck: it says what the test says, when the test says it.
 *
 * Knows: the methods that topics call, and requests to one JetStream stream that holds nothing but two numbers.
 * Does not know: networks, or what is right.
 */
import type { NatsClient, NatsMessage } from '../../src/backplane/stream/clients.js';
import { turns } from './streams.js';

type Callback = (error: Error | null, message: NatsMessage) => void;

interface Subscribed {
  readonly subject: string;
  readonly say: Callback;
  readonly unsubscribe: jest.Mock<void, []>;
}

/** What the answer to a request holds. */
export function reply(body: object): NatsMessage {
  return { data: Buffer.from(JSON.stringify(body)) };
}

export class NatsByHand implements NatsClient {
  readonly subscriptions: Subscribed[] = [];
  /** What JetStream says that the stream holds. */
  stream = { first_seq: 1, last_seq: 0 };
  #isClosed = false;
  #close: (cause: unknown) => void = () => {};
  readonly #closed = new Promise<unknown>((resolve) => {
    this.#close = resolve;
  });
  readonly #listeners: ((event: IteratorResult<{ type: string }>) => void)[] = [];

  readonly publish = jest.fn<void, [subject: string, payload?: Uint8Array, options?: { reply?: string }]>(() => {
    if (this.#isClosed) throw new Error('the client, of a closed connection');
  });

  readonly subscribe = jest.fn((subject: string, { callback }: { callback: Callback }) => {
    if (this.#isClosed) throw new Error('the client, of a closed connection');
    const one = { subject, say: callback, unsubscribe: jest.fn<void, []>() };
    this.subscriptions.push(one);
    return one;
  });

  readonly request = jest.fn(async (subject: string, _: Uint8Array, __?: object): Promise<NatsMessage> => {
    if (subject.startsWith('$JS.API.STREAM.INFO.')) return reply({ state: this.stream });
    if (subject.startsWith('$JS.API.CONSUMER.CREATE.')) return reply({ name: `C${this.consumers.length}` });
    this.stream.last_seq++;
    return reply({ seq: this.stream.last_seq });
  });

  readonly flush = jest.fn(async (): Promise<void> => {});

  status(): AsyncIterable<{ readonly type: string }> {
    const next = () => new Promise<IteratorResult<{ type: string }>>((resolve) => this.#listeners.push(resolve));
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  closed(): Promise<unknown> {
    return this.#closed;
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  /** An event of its life. */
  async tell(type: string): Promise<void> {
    for (const listen of this.#listeners.splice(0)) listen({ done: false, value: { type } });
    await turns(3);
  }

  async close(cause?: Error): Promise<void> {
    this.#isClosed = true;
    this.#close(cause);
    await turns(3);
  }

  /** Where each consumer that was asked for begins. */
  get consumers(): number[] {
    const asked = this.request.mock.calls.filter(([subject]) => subject.startsWith('$JS.API.CONSUMER.CREATE.'));
    return asked.map(([, payload]) => JSON.parse(String(payload)).config.opt_start_seq as number);
  }

  /** The consumer delivers a message for the last request. */
  deliver(sequence: number, text: string): void {
    this.stream.last_seq = Math.max(this.stream.last_seq, sequence);
    this.#answer({ data: Buffer.from(text), reply: `$JS.ACK.S.C.1.${sequence}.1.0.0` });
  }

  /** The consumer ends the last request. */
  end(code: number): void {
    this.#answer({ data: Buffer.alloc(0), headers: { code, description: '' } });
  }

  #answer(message: NatsMessage): void {
    const inboxes = this.subscriptions.filter(({ subject }) => subject.startsWith('_INBOX.'));
    inboxes[inboxes.length - 1]?.say(null, message);
  }
}
