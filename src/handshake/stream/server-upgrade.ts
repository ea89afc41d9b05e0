/**
 * The server's handshake as a stage of a pipeline (RFC 6455 §4.2).
 *
 * Knows: the way from a connection, or from a request that an http.Server has parsed, to bytes after the handshake.
 * Does not know: HTTP's grammar (Node's), what makes a handshake (judge-request.ts), frames, how bytes are relayed
 * afterwards (UpgradeStage).
 */

import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { milliseconds, optionsOf } from '../../codec/limits.js';
import { UsageError, violation } from '../../errors.js';
import type { Extension } from '../extensions.js';
import { requestHead } from '../head.js';
import type { Accepted, JudgeOptions } from '../judge-request.js';
import { requestJudge } from '../judge-request.js';
import type { HeaderFields } from '../response-head.js';
import { acceptanceHead, refusal } from '../response-head.js';
import type { Refused } from '../verdict.js';
import { refused } from '../verdict.js';
import { endWith } from './linger.js';
import type { Reading } from './request-reader.js';
import { RequestReader } from './request-reader.js';
import { UpgradeStage } from './upgrade-stage.js';

/** Options of a ServerUpgrade: parsed once, frozen. */
export interface ServerUpgradeOptions extends JudgeOptions {
  /** Milliseconds for the whole request head. Default: 10 000. `Infinity`: no limit. Over it: 408. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Fields to add to the 101 response, such as Set-Cookie; not those of the handshake itself. */
  readonly headers?: HeaderFields | undefined;
}

/** What the 'upgrade' event of a ServerUpgrade carries. */
export interface ServerUpgradeEvent {
  /** As Node parsed it. Its `socket` is the one that the stage was made from. */
  readonly request: IncomingMessage;
  /** The one that was chosen, null when there is none. */
  readonly subprotocol: string | null;
  /** Those that were accepted, in order. */
  readonly extensions: readonly Extension[];
}

/** The verdict and, when it is good, the 101 that says so. */
type Answer = Refused | { readonly accepted: true; readonly head: Uint8Array; readonly verdict: Accepted };

/** Parsed options. Nothing of them is kept once the handshake is over: there may be 10,000 idle stages. */
interface Settings {
  readonly answer: (request: IncomingMessage) => Answer;
  readonly handshakeTimeoutMs: number;
}

/** A request that somebody else has parsed, and the bytes behind it. */
interface Received {
  readonly request: IncomingMessage;
  readonly head: Uint8Array;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * The bytes of a WebSocket connection, after its handshake. `socket` is any Duplex of bytes from which nothing has been
 * read yet: net.Socket, tls.TLSSocket, one end of an in-memory pair. The stage owns it. For a connection of an
 * http.Server, which has read the head already, use `fromRequest`.
 *
 * Emits 'upgrade' once, with a ServerUpgradeEvent, before the first byte is read; the 101 is on its way by then. Writes
 * wait until then. Afterwards the stage is the socket, see UpgradeStage.
 *
 * A refusal is written to the peer with `Connection: close`, the socket is ended, and the stage is destroyed with a
 * HandshakeError: `ERR_WS_HANDSHAKE_REFUSED` or, after `handshakeTimeoutMs`, `ERR_WS_HANDSHAKE_TIMEOUT`, its `status`
 * the one that was sent (400, 403, 405, 408, 417, 426, 431 or 505). A head may have 16 KiB and 1,000 lines. A socket
 * that ends before its head is complete: ConnectionError, `ERR_WS_CUT_OFF`. A callback among the options that throws,
 * or answers with what it must not: 500, and the stage is destroyed with what it threw.
 */
export class ServerUpgrade extends UpgradeStage {
  readonly #socket: Duplex;
  #reader: RequestReader | null = null;
  #deadline: NodeJS.Timeout | undefined;
  /** What the peer is still to be told when the stage is destroyed. */
  #farewell: Uint8Array | null = null;

  /**
   * `received` is for `fromRequest`, which says what it means.
   * @throws UsageError for options that are malformed or out of range.
   */
  constructor(socket: Duplex, options: ServerUpgradeOptions = {}, received: Received | null = null) {
    const settings = parseSettings(socket, options);
    super(socket, 'server');
    this.#socket = socket;
    // Not at once: the caller has yet to listen for 'upgrade'.
    if (received === null) this.#readHead(settings);
    else process.nextTick(() => this.#receive(received, settings));
  }

  /**
   * A stage from the arguments of an http.Server's 'upgrade' event. The server's own timeout and limits were in force
   * until then; leave its `maxHeadersCount` at the default, or it may hide fields that would be refused.
   * Borrows `head` for ever. A `request.url` that was rewritten is what is judged.
   * @throws UsageError for options that are malformed or out of range.
   */
  static fromRequest(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    options: ServerUpgradeOptions = {},
  ): ServerUpgrade {
    return new ServerUpgrade(socket, options, { request, head });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#letGo();
    super._destroy(error, done);
  }

  protected override release(socket: Duplex, error: Error | null): void {
    if (this.#farewell === null) super.release(socket, error);
    else endWith(socket, this.#farewell);
  }

  #readHead(settings: Settings): void {
    const { handshakeTimeoutMs } = settings;
    this.#reader = new RequestReader(this.#socket, (reading) => this.#take(reading, settings));
    if (handshakeTimeoutMs === Number.POSITIVE_INFINITY) return;
    this.#deadline = setTimeout(() => this.#expire(handshakeTimeoutMs), handshakeTimeoutMs);
  }

  #receive({ request, head }: Received, settings: Settings): void {
    const socket = this.#socket;
    if (this.destroyed) return;
    if (socket.destroyed) this.#cutOff(socket.errored);
    else this.#answer(request, head, settings);
  }

  #take(reading: Reading, settings: Settings): void {
    this.#letGo();
    if (reading.kind === 'upgrade') this.#answer(reading.request, reading.rest, settings);
    else if (reading.kind === 'plain') this.#turnAway(reading.request, settings);
    else if (reading.kind === 'malformed') this.#refuse(refused(reading.status, reading.why));
    else this.#cutOff(reading.cause);
  }

  #cutOff(cause: Error | null): void {
    const facts = { reason: cause?.message ?? 'the handshake was not finished' };
    this.destroy(violation('CUT_OFF', facts, cause === null ? {} : { cause }));
  }

  /** Node saw no upgrade in this request. Where we would have, two readings of one head differ: that is refused too. */
  #turnAway(request: IncomingMessage, settings: Settings): void {
    const answer = this.#attempt(settings, request);
    if (answer?.accepted) this.#refuse(refused(400, 'The request does not ask for an upgrade.'));
    else if (answer !== null) this.#refuse(answer);
  }

  #answer(request: IncomingMessage, rest: Uint8Array, settings: Settings): void {
    const answer = this.#attempt(settings, request);
    if (answer?.accepted) this.#accept(request, rest, answer.head, answer.verdict);
    else if (answer !== null) this.#refuse(answer);
  }

  #accept(request: IncomingMessage, rest: Uint8Array, head: Uint8Array, verdict: Accepted): void {
    const socket = this.#socket;
    if (socket instanceof Socket) {
      // An idle WebSocket is not an idle request, and a frame must not wait for the acknowledgement of another one.
      socket.setTimeout(0);
      socket.setNoDelay(true);
    }
    socket.write(head);
    const { subprotocol, extensions } = verdict;
    this.emit('upgrade', { request, subprotocol, extensions } satisfies ServerUpgradeEvent);
    this.open(rest);
  }

  /** Runs what may call the caller's functions. When they fail the peer is not to blame: 500, and null. */
  #attempt(settings: Settings, request: IncomingMessage): Answer | null {
    try {
      return settings.answer(request);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new UsageError('A callback threw what is not an error.');
      this.#refuse(refused(500, 'The server failed.'), error);
      return null;
    }
  }

  #expire(handshakeTimeoutMs: number): void {
    const error = violation('HANDSHAKE_TIMEOUT', { handshakeTimeoutMs }, { status: 408 });
    this.#refuse(refused(408, 'The request took too long.'), error);
  }

  #refuse(verdict: Refused, error?: Error): void {
    const { status, why } = verdict;
    this.#farewell = refusal(verdict);
    this.destroy(error ?? violation('HANDSHAKE_REFUSED', { status, reason: why }, { status }));
  }

  #letGo(): void {
    clearTimeout(this.#deadline);
    this.#reader?.destroy();
    this.#reader = null;
  }
}

function parseSettings(socket: Duplex, options: ServerUpgradeOptions): Settings {
  const { handshakeTimeoutMs, headers: given, ...judging } = optionsOf('ServerUpgrade', options);
  const secure = judging.secure ?? ('encrypted' in socket && socket.encrypted === true);
  const judge = requestJudge({ ...judging, secure });
  // Whatever is wrong with the fields is wrong now, not when the first client comes.
  acceptanceHead({ accept: '', headers: given });
  const headers = Object.freeze({ ...given });
  return Object.freeze({
    answer: (request) => {
      const verdict = judge(requestHead(request));
      return verdict.accepted ? { accepted: true, head: acceptanceHead({ ...verdict, headers }), verdict } : verdict;
    },
    handshakeTimeoutMs: milliseconds('handshakeTimeoutMs', handshakeTimeoutMs, DEFAULT_TIMEOUT_MS),
  } satisfies Settings);
}
