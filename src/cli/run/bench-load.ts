/**
 * Connections that are kept busy: as many messages under way as allowed, a new one for each echo.
 *
 * Knows: when a message was written and when it came back, and what an echo is.
 * Does not know: for how long, or what is made of the latencies.
 */
import { randomBytes } from 'node:crypto';
import { connect } from '../../client.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import type { DialOptions } from '../../handshake/stream/dial.js';
import { Latencies } from '../latencies.js';
import { Failure } from './failure.js';

/** How much there is to do at a time. */
export interface LoadOptions {
  readonly connections: number;
  /** Messages under way on each connection. */
  readonly inFlight: number;
  /** Bytes of a message. */
  readonly size: number;
}

/** A server that has said nothing for this long does not echo. */
const SILENCE_MS = 5_000;

/** Open, start, read `latencies`, stop. */
export class BenchLoad {
  latencies = new Latencies();
  /** Rejects when a connection is lost or the server does not echo; never resolves. */
  readonly failed: Promise<never>;
  readonly #sockets: WebSocketDuplex[];
  readonly #options: LoadOptions;
  readonly #message: Buffer;
  #fail: (error: Error) => void = () => {};
  #silence: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(url: string, dial: DialOptions, options: LoadOptions) {
    this.#options = options;
    this.#message = randomBytes(options.size);
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    const maxMessageBytes = Math.max(options.size, 1_024);
    this.#sockets = Array.from({ length: options.connections }, () => connect(url, { ...dial, maxMessageBytes }));
  }

  /** Resolves when all connections are open; rejects with the first error. */
  async open(): Promise<void> {
    await Promise.all(this.#sockets.map((ws) => ws.opened));
  }

  /** Sends, from now on. */
  start(): void {
    for (const ws of this.#sockets) this.#keepBusy(ws);
    this.#silence = setTimeout(() => this.#fail(new Failure('The server does not echo.')), SILENCE_MS).unref();
  }

  /** Forgets what was measured so far. */
  reset(): void {
    this.latencies = new Latencies();
  }

  /** Closes all connections. */
  async stop(): Promise<void> {
    this.#isOver = true;
    if (this.#silence !== null) clearTimeout(this.#silence);
    await Promise.all(this.#sockets.map((ws) => (ws.url === undefined ? ws.destroy() : ws.close(1000))));
  }

  #keepBusy(ws: WebSocketDuplex): void {
    const writtenAt: number[] = [];
    const send = () => {
      writtenAt.push(performance.now());
      ws.write(this.#message);
    };
    ws.on('data', (echo: Buffer | string) => {
      if (this.#isOver) return;
      const at = writtenAt.shift();
      if (at === undefined || typeof echo === 'string' || !echo.equals(this.#message)) {
        this.#fail(new Failure('The server does not echo: something else came back.'));
        return;
      }
      this.latencies.add(performance.now() - at);
      this.#silence?.refresh();
      send();
    });
    ws.once('close', () => {
      if (!this.#isOver) this.#fail(ws.errored ?? new Failure('The server has closed a connection.'));
    });
    for (let sent = 0; sent < this.#options.inFlight; sent++) send();
  }
}
