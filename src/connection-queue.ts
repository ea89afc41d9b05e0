/**
 * The connections of a server, as events and as an async iterator.
 *
 * Knows: what the events bring, which connections nobody has asked for yet, and who waits for the next one.
 * Does not know: how they came to be; it listens to 'connection' and 'close'.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ReadAs } from './duplex/options.js';
import type { WebSocketDuplex } from './duplex/websocket-duplex.js';

/** What the events of a WebSocketServer bring. */
export interface ServerEvents<How extends ReadAs = 'message'> {
  /** A client was let in; its socket, and its request. */
  connection: [ws: WebSocketDuplex<How>, request: IncomingMessage];
  /** A handshake was refused, with a HandshakeError, or a callback failed, with what it threw. */
  refused: [error: Error, request: IncomingMessage];
  /** Our own http.Server takes connections. */
  listening: [];
  /** `close` is through: no connection is left. */
  close: [];
  /** Our own http.Server failed: the port is taken, for example. */
  error: [error: Error];
}

/** Queues what 'connection' brings until it is asked for; ends with the server's 'close', or when the loop is left. */
export class ConnectionQueue<Connection> implements AsyncIterableIterator<Connection> {
  readonly #server: EventEmitter;
  readonly #waiting: Connection[] = [];
  readonly #askers: ((result: IteratorResult<Connection>) => void)[] = [];
  #ended = false;
  readonly #onConnection = (ws: Connection) => {
    const asker = this.#askers.shift();
    if (asker === undefined) this.#waiting.push(ws);
    else asker({ done: false, value: ws });
  };
  readonly #onClose = () => {
    this.#end();
  };

  /** `isOver`: the server has closed already, and there is nothing to wait for. */
  constructor(server: EventEmitter, isOver = false) {
    this.#server = server;
    this.#ended = isOver;
    if (isOver) return;
    server.on('connection', this.#onConnection);
    server.on('close', this.#onClose);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Connection>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  return(): Promise<IteratorResult<Connection>> {
    this.#waiting.length = 0;
    this.#end();
    return this.next();
  }

  #end(): void {
    this.#ended = true;
    this.#server.off('connection', this.#onConnection);
    this.#server.off('close', this.#onClose);
    for (const asker of this.#askers.splice(0)) asker({ done: true, value: undefined });
  }
}
