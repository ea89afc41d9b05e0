/**
 * A request of HTTP/1.1 that asks for an upgrade, as an http.Server's 'upgrade' event gives it.
 *
 * Knows: how it is answered: a 101 and the socket goes on, or a refusal and it ends.
 * Does not know: who may come in.
 */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { requestHead } from '../head.js';
import type { Accepted } from '../judge-request.js';
import { acceptanceHead, type HeaderFields, type RefusalResponse, refusal } from '../response-head.js';
import type { Refused } from '../verdict.js';
import type { Arrival, Judges } from './arrival.js';
import { endWith, ignoreErrors } from './linger.js';

/** Owns `socket` from now on. */
export class UpgradeArrival implements Arrival<Accepted> {
  readonly request: IncomingMessage;
  readonly head: Buffer;
  readonly #socket: Duplex;

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.request = request;
    this.head = head;
    this.#socket = socket;
    // Until the socket has an owner who listens, its errors must not end the process; 'close' follows them.
    socket.on('error', ignoreErrors);
  }

  get isSecure(): boolean {
    return 'encrypted' in this.#socket && this.#socket.encrypted === true;
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  judge({ upgrade }: Judges): Accepted | Refused {
    return upgrade(requestHead(this.request));
  }

  objection(): null {
    return null;
  }

  accept({ accept, subprotocol, extensions }: Accepted, headers: HeaderFields | undefined): Duplex {
    const socket = this.#socket;
    const response = acceptanceHead({ accept, subprotocol, extensions, headers });
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
    socket.write(response);
    return socket;
  }

  refuse(response: RefusalResponse): void {
    endWith(this.#socket, refusal(response));
  }
}
