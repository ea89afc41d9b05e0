/**
 * Sessions that many WebSockets share.
 *
 * Knows: which connections lead to the same server in the same way, how many WebSockets are on each, how many its server
 * lets in, and that one without any is closed.
 * Does not know: requests, or how a connection is made (http2-connection.ts).
 */

import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { UsageError } from '../../errors.js';
import type { Target } from '../client-url.js';
import { failure } from './exchange.js';
import type { TransportOptions } from './http-request.js';
import { openConnection, openSession, protocolOf, takesWebSockets } from './http2-connection.js';
import { sameRoute } from './same-route.js';

/** A place on a session. It is taken until `release` is called, once. */
export interface Lease {
  readonly session: ClientHttp2Session;
  release(): void;
}

/** Why there is none. `socket` is the connection that found it out, for whoever is told first; it speaks HTTP/1.1. */
export interface Declined {
  readonly why: string;
  readonly socket: Socket | null;
}

/** One connection, made or in the making. */
interface Entry {
  readonly target: Target;
  readonly transport: TransportOptions;
  /** Aborted when nobody uses or waits for the connection any more. */
  readonly attempt: AbortController;
  /** Null when there is a session, else why there is none. */
  outcome: Promise<string | null>;
  session: ClientHttp2Session | null;
  spare: Socket | null;
  /** WebSockets on it, and those that wait for it. */
  users: number;
}

/** How many connections one WebSocket may open whose servers then have no place for it. */
const MAX_CONNECTIONS = 3;

/** How long a server may take to close a connection that nobody uses any more, in milliseconds. */
const LINGER_MS = 1_000;

const NO_CONNECT = 'its SETTINGS do not allow extended CONNECT';
const NO_SETTINGS = 'the session ended before its SETTINGS came';

/** The sessions of one process, or of whoever wants its own. */
export class Http2Pool {
  readonly #entries = new Set<Entry>();
  readonly #announced = new WeakMap<ClientHttp2Session, Promise<boolean>>();

  /** How many connections there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * A place on a session to `target`, which is shared with whoever connects there in the same way. A new connection offers
   * `protocols` (ALPN). Rejects as `openConnection` does, or with the reason of `signal`.
   */
  async lease(
    target: Target,
    transport: TransportOptions,
    protocols: readonly string[],
    signal: AbortSignal,
  ): Promise<Lease | Declined> {
    for (let opened = 0; opened < MAX_CONNECTIONS; ) {
      const found = this.#find(target, transport);
      const entry = found ?? this.#open(target, transport, protocols);
      if (found === null) opened++;
      const answer = await this.#wait(entry, signal);
      if (answer !== null) return answer;
    }
    throw failure(new Error('the server closes its sessions at once, or lets no stream in'));
  }

  /** A place on a session of somebody else's. */
  async place(session: ClientHttp2Session, target: Target, signal: AbortSignal): Promise<Lease | Declined> {
    const announced = this.#announced.get(session) ?? takesWebSockets(session);
    this.#announced.set(session, announced);
    const isTaken = await unlessAborted(announced, signal);
    // A server may still come to allow it (RFC 8441 §3): the next one asks again.
    if (!isTaken) this.#announced.delete(session);
    if (target.secure && session.encrypted === false) throw new UsageError('A wss URL needs a session over TLS.');
    if (isTaken || session.destroyed) return { session, release: () => {} };
    return { why: NO_CONNECT, socket: null };
  }

  async #wait(entry: Entry, signal: AbortSignal): Promise<Lease | Declined | null> {
    // Who came first stays when there are fewer places than were thought.
    const seat = ++entry.users;
    try {
      const why = await unlessAborted(entry.outcome, signal);
      const { session, spare } = entry;
      if (session !== null && hasRoom(entry, seat)) return { session, release: () => this.#leave(entry) };
      entry.spare = null;
      this.#leave(entry);
      return why === null ? null : { why, socket: spare };
    } catch (error) {
      this.#leave(entry);
      throw error;
    }
  }

  #find(target: Target, transport: TransportOptions): Entry | null {
    for (const entry of this.#entries) {
      if (sameRoute(entry, { target, transport }) && hasRoom(entry, entry.users + 1)) return entry;
    }
    return null;
  }

  #open(target: Target, transport: TransportOptions, protocols: readonly string[]): Entry {
    const outcome = Promise.resolve(null);
    const attempt = new AbortController();
    const entry: Entry = { target, transport, attempt, outcome, session: null, spare: null, users: 0 };
    this.#entries.add(entry);
    entry.outcome = this.#connect(entry, protocols).finally(() => {
      if (entry.session === null) this.#entries.delete(entry);
    });
    // Everybody who waits for it is told; that there may be nobody left is no reason to end the process.
    entry.outcome.catch(() => {});
    return entry;
  }

  async #connect(entry: Entry, protocols: readonly string[]): Promise<string | null> {
    const { target, transport, attempt } = entry;
    const socket = await openConnection(target, transport, protocols, attempt.signal);
    if (protocolOf(socket) !== 'h2') {
      entry.spare = socket;
      return 'it did not choose h2';
    }
    const session = openSession(target, socket);
    attempt.signal.addEventListener('abort', () => letGo(session, socket));
    if (!(await takesWebSockets(session))) {
      if (session.destroyed) return NO_SETTINGS;
      letGo(session, socket);
      return NO_CONNECT;
    }
    session.once('close', () => this.#entries.delete(entry));
    entry.session = session;
    return null;
  }

  #leave(entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    this.#entries.delete(entry);
    entry.attempt.abort(new Error('Nobody needs this connection any more.'));
    entry.spare?.destroy();
  }
}

/** Whether the connection, as far as is known, can carry so many. */
function hasRoom({ session }: Entry, users: number): boolean {
  if (session === null) return true;
  if (session.closed || session.destroyed) return false;
  return users <= (session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY);
}

/** Closes the session politely, and the connection at the latest when the peer has had its time to do the same. */
function letGo(session: ClientHttp2Session, socket: Socket): void {
  session.close();
  const deadline = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(deadline));
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    return promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
