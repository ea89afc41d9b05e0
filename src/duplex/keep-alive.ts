/**
 * Notices a peer that is gone (RFC 6455 §5.5.2).
 *
 * Knows: how long nothing has come, and when to ask.
 * Does not know: frames. Any byte from the peer counts as life, not only a pong.
 */

/** What keepalive watches, and what it tells. */
export interface KeepAliveOwner {
  /** Bytes received so far: what changes when the peer is alive. */
  readonly bytesReceived: number;
  /** True while our own reader holds the transport up: then silence proves nothing. */
  readonly isPaused: boolean;
  /** Nothing has come for `intervalMs`: ask. */
  ping(): void;
  /** Nothing has come for `timeoutMs` after that. */
  timedOut(): void;
}

/** Milliseconds of silence until a ping, and from the ping until the peer is given up. `Infinity` for never. */
export interface KeepAliveSettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** One timer a connection; it never keeps the process alive. */
export class KeepAlive {
  readonly #owner: KeepAliveOwner;
  readonly #settings: KeepAliveSettings;
  #timer: NodeJS.Timeout | null = null;
  #lastLook: NodeJS.Immediate | null = null;
  #lastSeen = 0;
  #asked = false;

  constructor(owner: KeepAliveOwner, settings: KeepAliveSettings) {
    this.#owner = owner;
    this.#settings = settings;
    this.#listen();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
  }

  #listen(): void {
    this.#asked = false;
    this.#wait(this.#settings.intervalMs);
  }

  #wait(milliseconds: number): void {
    this.#lastSeen = this.#owner.bytesReceived;
    this.#timer = milliseconds === Infinity ? null : setTimeout(() => this.#judge(), milliseconds).unref();
  }

  #judge(): void {
    if (this.#isAlive) this.#listen();
    else if (this.#asked) this.#lookOnceMore();
    else this.#ask();
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
    this.#asked = true;
    this.#owner.ping();
    this.#wait(this.#settings.timeoutMs);
  }
}
