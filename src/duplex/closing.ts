/**
 * One connection's closing handshake: the table of src/codec/closing.ts with a deadline and a memory.
 *
 * Knows: the phase, what each side said, when the time is up, what `closed` will tell.
 * Does not know: streams or frames; its owner carries the actions out.
 */
import { CloseCode, type CloseReason } from '../codec/close-code.js';
import { CLOSING, type CloseAction, type CloseInput, type ClosePhase } from '../codec/closing.js';
import { type ConnectionError, violation } from '../errors.js';

/** How a connection ended. */
export interface CloseInfo {
  /** What the peer said; else the failure code that we sent; else 1006: the connection was lost (RFC 6455 §7.1.5). */
  readonly code: number;
  /** The reason next to that code; '' when there is none. */
  readonly reason: string;
  /** Our own close frame, when one was sent. */
  readonly sent?: CloseReason;
  /** The peer's close frame, when one came. */
  readonly received?: CloseReason;
}

/**
 * What `closed` is: a promise of CloseInfo. The rest is for the compiler (docs/adr/0004): `boolean` lets a WebSocketDuplex
 * pass for a Duplex, and because `await` leaves a type with a primitive in it as it is, the type names what comes out, too.
 */
export type ClosedPromise = Promise<CloseInfo> & CloseInfo & boolean;

/** Who carries out what the table says. */
export interface ClosingOwner {
  /** Called at most once for each input. */
  act(action: CloseAction): void;
}

const NOBODY_SAID: CloseReason = { code: CloseCode.abnormal, reason: '' };

/** The state of one closing handshake. */
export class Closing {
  readonly #timeoutMs: number;
  readonly #owner: ClosingOwner;
  #phase: ClosePhase = 'open';
  #timer: NodeJS.Timeout | null = null;
  #sent: CloseReason | null = null;
  #received: CloseReason | null = null;
  #withinMessage = false;
  #failed = false;
  /** The peer has answered our close with the code of it. */
  #echoed = false;

  constructor(timeoutMs: number, owner: ClosingOwner) {
    this.#timeoutMs = timeoutMs;
    this.#owner = owner;
  }

  get phase(): ClosePhase {
    return this.#phase;
  }

  /** True once our close frame was written: nothing may follow it (§5.5.1). */
  get isSent(): boolean {
    return this.#sent !== null;
  }

  get received(): CloseReason | null {
    return this.#received;
  }

  /** The reason that answers the peer's close: its own code (RFC 6455 §5.5.1), or 1000 when it has not closed. */
  get answer(): CloseReason {
    return { code: this.#received?.code ?? CloseCode.normal, reason: '' };
  }

  /**
   * True when the peer closed as one does: with 1000, 1001 or without a code, or by answering ours with its own code.
   * Everything else means that something went wrong on its side, and so does a close within a message.
   */
  get isClean(): boolean {
    if (this.#withinMessage) return false;
    const code = this.#received?.code;
    if (code === CloseCode.normal || code === CloseCode.goingAway || code === CloseCode.noStatus) return true;
    return this.#echoed;
  }

  get info(): CloseInfo {
    const said = this.#received ?? (this.#failed ? this.#sent : null);
    const { code, reason } = said ?? NOBODY_SAID;
    const [sent, received] = [this.#sent, this.#received];
    // Not by spreading, which costs 3 µs: every connection comes to this.
    if (sent === null) return received === null ? { code, reason } : { code, reason, received };
    return received === null ? { code, reason, sent } : { code, reason, sent, received };
  }

  /** Our close frame is on its way. `failed` marks one that reports a violation or an error of ours. */
  weSend(reason: CloseReason, failed = false): void {
    this.#sent ??= reason;
    this.#failed ||= failed;
    this.input('we-send');
  }

  /** What a close that is not clean is reported as. */
  get failure(): ConnectionError {
    const closeCode = this.#received?.code ?? CloseCode.noStatus;
    if (this.#withinMessage) return violation('CUT_OFF', { withinMessage: true, closeCode });
    return violation('PEER_CLOSED', { closeCode });
  }

  /** The peer's close frame. `withinMessage`: a message had begun, which will never be whole. */
  peerSends(reason: CloseReason, withinMessage = false): void {
    this.#withinMessage = withinMessage;
    this.#received ??= reason;
    this.#echoed ||= reason.code === this.#sent?.code;
    this.input('peer-sends');
  }

  input(input: CloseInput): void {
    const { next, action } = CLOSING[this.#phase][input];
    this.#phase = next;
    if (action === 'await-peer' || action === 'answer') this.#startTimer();
    else if (action !== 'nothing') this.stop();
    if (action !== 'nothing') this.#owner.act(action);
  }

  /** Clears the deadline. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #startTimer(): void {
    if (this.#timer !== null || this.#timeoutMs === Infinity) return;
    this.#timer = setTimeout(() => this.input('time-runs-out'), this.#timeoutMs);
  }
}
