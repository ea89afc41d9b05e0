/**
 * The client's handshake over a connection that exists already (RFC 6455 §4.1).
 *
 * Knows: how to send the request over any Duplex, and when the stage opens or fails.
 * Does not know: how the connection was made (dial.ts opens one), frames, redirects.
 */

import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { violation } from '../../errors.js';
import { type ClientOptions, type ClientSettings, parseClientOptions } from '../client-options.js';
import { createOffer, requestHeaders } from '../client-request.js';
import type { Grant } from '../judge-response.js';
import { Deadline } from './deadline.js';
import { exchange } from './exchange.js';
import { HEAD_LIMITS } from './http-request.js';
import { refusal } from './refusal.js';
import { UpgradeStage } from './upgrade-stage.js';

/** Options of a ClientUpgrade. Redirects are not among them: there is only one connection. */
export interface ClientUpgradeOptions extends Omit<ClientOptions, 'followRedirects'> {
  /** Names the host and the path to ask for. Where the socket leads is the caller's business. */
  readonly url: string | URL;
}

/** What the 'upgrade' event of a ClientUpgrade carries. */
export interface ClientUpgradeEvent extends Grant {
  /** The 101, as Node parsed it. */
  readonly response: IncomingMessage;
}

/**
 * The bytes of a WebSocket connection, after its handshake. `socket` is any connected Duplex of bytes: net.Socket,
 * tls.TLSSocket, one end of an in-memory pair. The stage owns it.
 *
 * Emits 'upgrade' once, with a ClientUpgradeEvent, before the first byte is read. Writes wait until then. A refusal, an
 * answer that is no WebSocket, a lost connection and a handshake that is not over within `handshakeTimeoutMs` destroy
 * the stage and the socket with a HandshakeError. Afterwards the stage is the socket, see UpgradeStage.
 */
export class ClientUpgrade extends UpgradeStage {
  readonly #deadline: Deadline;

  /** @throws UsageError for options that are malformed or out of range. */
  constructor(socket: Duplex, options: ClientUpgradeOptions) {
    const settings = parseClientOptions(options.url, { ...options, followRedirects: false });
    super(socket, 'client');
    this.#deadline = new Deadline(settings.handshakeTimeoutMs);
    this.#handshake(socket, settings).catch((error) => this.destroy(error));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#deadline.abort(error);
    super._destroy(error, done);
  }

  async #handshake(socket: Duplex, settings: ClientSettings): Promise<void> {
    if (socket.destroyed || socket.readableEnded || !socket.writable) {
      throw violation('HANDSHAKE_REFUSED', { reason: 'the socket has been closed already' });
    }
    const { target } = settings;
    const offer = createOffer(settings);
    const headers = requestHeaders(target, offer, settings.fields);
    const sent = request({ ...HEAD_LIMITS, path: target.path, headers, createConnection: () => socket });
    const answer = await exchange(sent, offer, this.#deadline.signal);
    if (answer.kind === 'answered') throw await refusal(answer.response);
    this.#deadline.release();
    const { response, subprotocol, extensions } = answer;
    this.emit('upgrade', { response, subprotocol, extensions } satisfies ClientUpgradeEvent);
    this.open(answer.head);
  }
}
