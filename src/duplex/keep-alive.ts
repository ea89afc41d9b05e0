/**
 * Notices a peer that is gone (RFC 6455 §5.5.2).
 *
 * Knows: how long nothing has come, and when to ask.
 * Does not know: frames. Any byte from the peer counts as life, not only a pong.
 */
import { DueQueue, type Waiting } from './due-queue.js';

/** What keepalive watches, and what it tells. */
export interface KeepAliveOwner {
  /** Bytes received so far: what changes when the peer is alive. */
  readonly bytesReceived: number;
  /** True while our own reader holds the transport up: then silence proves nothing. */
  readonly isPaused: boolean;
  /** Nothing has come for `intervalMs`, or up to half as long again: ask. */
  ping(): void;
  /** Nothing has come for `timeoutMs` after that. */
  timedOut(): void;
}

/** Milliseconds of silence until a ping, and from the ping until the peer is given up. `Infinity` for never. */
export interface KeepAliveSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** How often nothing has come, looking twice in each interval, when the peer is asked. */
const SILENT_LOOKS = 2;

/** The two timers of all connections with the same settings. */
export class KeepAliveClock {
  /** Connections that were alive when they were last looked at. */
  readonly silence: DueQueue;
  /** Connections that were asked. */
  readonly answer: DueQueue;

  constructor({ intervalMs, timeoutMs }: KeepAliveSettings) {
    this.silence = new DueQueue(Math.ceil(intervalMs / SILENT_LOOKS));
    this.answer = new DueQueue(timeoutMs);
  }
}

/** The watch on one connection, from now until `stop`. */
export class KeepAlive implements Waiting {
  readonly #owner: KeepAliveOwner;
  readonly #clock: KeepAliveClock;
  #lastLook: NodeJS.Immediate | null = null;
  #lastSeen = 0;
  /** Looks since the last byte; SILENT_LOOKS: the peer was asked. */
  #silentLooks = 0;
  dueAt = 0;

  constructor(owner: KeepAliveOwner, clock: KeepAliveClock) {
    this.#owner = owner;
    this.#clock = clock;
    this.#listen();
  }

  stop(): void {
    this.#clock.silence.delete(this);
    this.#clock.answer.delete(this);
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
  }

  /** For the clock to call. */
  due(): void {
    if (this.#isAlive) this.#listen();
    else if (this.#silentLooks === SILENT_LOOKS) this.#lookOnceMore();
    else if (++this.#silentLooks === SILENT_LOOKS) this.#ask();
    else this.#wait(this.#clock.silence);
  }

  /** A pong has come: the interval begins again at once, so that a long timeout does not make pings rare. */
  answered(): void {
    if (this.#silentLooks < SILENT_LOOKS) return;
    this.stop();
    this.#listen();
  }

  #listen(): void {
    this.#silentLooks = 0;
    this.#wait(this.#clock.silence);
  }

  #wait(queue: DueQueue): void {
    this.#lastSeen = this.#owner.bytesReceived;
    queue.add(this);
  }

  get #isAlive(): boolean {
    return this.#owner.bytesReceived !== this.#lastSeen || this.#owner.isPaused;
  }

  /** Timers run before sockets are read: when this process was busy, the answer may be here and wait to be read. */
  #lookOnceMore(): void {
    this.#lastLook = setImmediate(() => {
      if (this.#isAlive) this.#listen();
      else this.#owner.timedOut();
    });
  }

  #ask(): void {
    this.#wait(this.#clock.answer);
    this.#owner.ping();
  }
}
