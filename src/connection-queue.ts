/**
 * The connections of a server as an async iterator.
 *
 * Knows: which connections nobody has asked for yet, and who waits for the next one.
 * Does not know: how they came to be; it listens to 'connection' and 'close'.
 */
import type { EventEmitter } from 'node:events';
import type { WebSocketDuplex } from './duplex/websocket-duplex.js';

/** Queues what 'connection' brings until it is asked for; ends with the server's 'close', or when the loop is left. */
export class ConnectionQueue implements AsyncIterableIterator<WebSocketDuplex> {
  readonly #server: EventEmitter;
  readonly #waiting: WebSocketDuplex[] = [];
  readonly #askers: ((result: IteratorResult<WebSocketDuplex>) => void)[] = [];
  #ended = false;
  readonly #onConnection = (ws: WebSocketDuplex) => {
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

  next(): Promise<IteratorResult<WebSocketDuplex>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  return(): Promise<IteratorResult<WebSocketDuplex>> {
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
