/**
 * What users do to two endpoints over a lossy link, as commands of fast-check.
 *
 * Knows: what may be done when, how a command is printed.
 * Does not know: what has to come of it (endpoint-runs.ts), or how an endpoint works.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc, { type Arbitrary, type AsyncCommand } from 'fast-check';
import { type ArbitraryMessage, messages } from '../messages.js';
import type { SizeLimit } from '../payloads.js';
import type { LinkEnd, LossyLink } from './lossy-link.js';

/** How a connection ended, at one end. */
export interface EndpointClose {
  /** What its user is told: 1006 without a close frame, 1005 for one without a code (RFC 6455 §7.1.5). */
  readonly code: number;
  /** Its own close frame, when it sent one. */
  readonly sent?: {
    /** What the frame says; 1005 when it says nothing. */
    readonly code: number;
  };
  /** The peer's, when one came. */
  readonly received?: {
    /** What the frame says; 1005 when it says nothing. */
    readonly code: number;
  };
}

/** What is under test. A WebSocketDuplex is one; for anything else write an adapter of a page. */
export interface Endpoint {
  /** A whole message, or one in pieces. */
  write(message: string | Buffer | AsyncIterable<string | Buffer>): unknown;
  /** Sends what was written, then closes with 1000. */
  end(): unknown;
  /** Sends what was written, then closes with `code`. */
  close(code: number): unknown;
  /** May reject when the connection ends first. */
  ping(): Promise<unknown>;
  /** Stops reading, until `resume`. */
  pause(): unknown;
  /** Reads on. */
  resume(): unknown;
  /** 'data' gives whole messages: a string or a Buffer; 'error' why the connection was lost. */
  on(event: 'data' | 'error', listener: (value: unknown) => void): unknown;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<EndpointClose>;
}

/** What has been done so far, by end. */
export type EndpointModel = Record<
  LinkEnd,
  {
    /** Messages that were written, in order. */
    readonly sent: ArbitraryMessage[];
    /** True after an end or a close of its own. */
    isOver: boolean;
  }
>;

/** What it was done to. */
export interface EndpointsUnderTest {
  /** Both, by end. */
  readonly endpoints: Readonly<Record<LinkEnd, Endpoint>>;
  /** What connects them. */
  readonly link: LossyLink;
  /** The messages that each has handed over, in order. */
  readonly received: Readonly<Record<LinkEnd, (string | Buffer)[]>>;
}

/** A step of a run. Its label is what fast-check prints. */
export type EndpointCommand = AsyncCommand<EndpointModel, EndpointsUnderTest>;

/** How long a run is, and how large its messages. */
export interface EndpointCommandOptions extends SizeLimit {
  /** Steps in a run. Default 20. */
  readonly maxCommands?: number | undefined;
}

/** Both ends. */
export const ENDS = ['client', 'server'] as const;

/** Runs: messages whole and in pieces, ends, closes, pings, readers that stop, a link that stalls or breaks. */
export function endpointCommands(options: EndpointCommandOptions = {}): Arbitrary<Iterable<EndpointCommand>> {
  const end = fc.constantFrom(...ENDS);
  const write = fc.tuple(end, messages(options)).map(([from, message]) => new Write(from, message, null));
  const cuts = fc.array(fc.nat(400), { minLength: 1, maxLength: 3 });
  const pieces = fc.tuple(end, messages(options), cuts).map(([from, message, at]) => new Write(from, message, at));
  const steps = STEPS.map((name) => end.map((from) => new Step(name, from)));
  const codes = fc.tuple(end, fc.constantFrom(1000, 1001, 3000, 4999)).map(([from, code]) => new Close(from, code));
  const endings = fc.oneof(
    codes,
    end.map((from) => new Step('end', from)),
    end.map((from) => new Step('break', from)),
  );
  // fast-check takes each of these as often as the others: an ending now and then, so that there is something to end.
  return fc.commands<EndpointModel, EndpointsUnderTest, false>(
    [write, write, write, pieces, pieces, ...steps, endings],
    {
      maxCommands: options.maxCommands ?? 20,
    },
  );
}

const STEPS = ['ping', 'pause', 'resume', 'stall', 'release'] as const;
type StepName = (typeof STEPS)[number] | 'end' | 'break';

class Write implements EndpointCommand {
  readonly #from: LinkEnd;
  readonly #message: ArbitraryMessage;
  readonly #cuts: readonly number[] | null;

  constructor(from: LinkEnd, message: ArbitraryMessage, cuts: readonly number[] | null) {
    this.#from = from;
    this.#message = message;
    this.#cuts = cuts;
  }

  check(model: Readonly<EndpointModel>): boolean {
    return !model[this.#from].isOver;
  }

  async run(model: EndpointModel, { endpoints }: EndpointsUnderTest): Promise<void> {
    model[this.#from].sent.push(this.#message);
    const whole = contentOf(this.#message);
    endpoints[this.#from].write(this.#cuts === null ? whole : inPieces(whole, this.#cuts));
    await turn();
  }

  toString(): string {
    const { type, payload } = this.#message;
    return `${this.#from} writes ${type} of ${payload.length} bytes${this.#cuts === null ? '' : ' in pieces'}`;
  }
}

class Close implements EndpointCommand {
  readonly #from: LinkEnd;
  readonly #code: number;

  constructor(from: LinkEnd, code: number) {
    this.#from = from;
    this.#code = code;
  }

  check(model: Readonly<EndpointModel>): boolean {
    return !model[this.#from].isOver;
  }

  async run(model: EndpointModel, { endpoints }: EndpointsUnderTest): Promise<void> {
    model[this.#from].isOver = true;
    endpoints[this.#from].close(this.#code);
    await turn();
  }

  toString(): string {
    return `${this.#from} closes with ${this.#code}`;
  }
}

class Step implements EndpointCommand {
  readonly #name: StepName;
  readonly #from: LinkEnd;

  constructor(name: StepName, from: LinkEnd) {
    this.#name = name;
    this.#from = from;
  }

  check(model: Readonly<EndpointModel>): boolean {
    return this.#name !== 'end' || !model[this.#from].isOver;
  }

  async run(model: EndpointModel, { endpoints, link }: EndpointsUnderTest): Promise<void> {
    const name = this.#name;
    const endpoint = endpoints[this.#from];
    if (name === 'end') model[this.#from].isOver = true;
    if (name === 'break') link.break();
    else if (name === 'stall' || name === 'release') link[name](this.#from);
    else if (name === 'ping') endpoint.ping().catch(() => {});
    else endpoint[name]();
    await turn();
  }

  toString(): string {
    if (this.#name === 'break') return 'the link breaks';
    const isLink = this.#name === 'stall' || this.#name === 'release';
    return isLink ? `the link: ${this.#name} what the ${this.#from} sends` : `${this.#from}: ${this.#name}`;
  }
}

/** The message as it is written and read. */
export function contentOf(message: ArbitraryMessage): string | Buffer {
  return message.type === 'text' ? message.text : message.payload;
}

async function* inPieces(whole: string | Buffer, cuts: readonly number[]): AsyncGenerator<string | Buffer> {
  const places = [...cuts.map((at) => at % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    await turn();
    yield typeof whole === 'string' ? whole.slice(from, to) : whole.subarray(from, to);
    from = to;
  }
}
