/**
 * Compression of one connection (RFC 7692): both directions, and what is worth it.
 *
 * Knows: what the handshake agreed on, which messages are compressed, how a long one is cut so that it never holds the
 * event loop, how a prepared one is compressed once for all connections that agree on the same.
 * Does not know: zlib (src/deflate/stream), frames, when there is room to send.
 */
import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import { Opcode, type Role } from '../codec/frame.js';
import { encodeUtf8 } from '../codec/utf8.js';
import { type DeflateAgreement, deflateAgreement } from '../deflate/agreement.js';
import type { Compression } from '../deflate/stream/compression.js';
import type { Deflater } from '../deflate/stream/deflater.js';
import type { Inflater } from '../deflate/stream/inflater.js';
import type { LoopTurn } from '../deflate/stream/loop-turn.js';
import { PartInflater } from '../deflate/stream/part-inflater.js';
import type { Extension } from '../handshake/extensions.js';
import type { WebSocketSettings } from './options.js';
import type { SendFragment } from './outgoing.js';
import type { PreparedMessage } from './prepared-message.js';
import type { SharedFrame } from './shared-frame.js';

/** Longer messages are compressed on another thread: a hand-over costs about 0.1 ms, compressing this many bytes 1 ms. */
const SHORT_BYTES = 32_768;

/** Pieces of a message that is still being produced are compressed in steps of this many bytes, about 2 ms each. */
const STEP_BYTES = 65_536;

/** A piece of a message costs a flush, about 10 µs however short it is: as much as compressing these many bytes. */
const PIECE_COST_BYTES = 256;

type Limits = Pick<WebSocketSettings, 'maxFrameBytes' | 'maxMessageBytes'>;

/** The compression of one open connection. It must be closed. */
export class SessionDeflate {
  readonly #compression: Compression;
  readonly #agreement: DeflateAgreement;
  readonly #deflater: Deflater;
  readonly #inflater: Inflater;
  #isClosed = false;
  /** Parts of compressed messages become parts of plain ones. */
  readonly parts: PartInflater;
  readonly turn: LoopTurn;

  /** A message may inflate to `maxMessageBytes`. */
  constructor(compression: Compression, agreement: DeflateAgreement, maxMessageBytes: number) {
    this.#compression = compression;
    this.turn = compression.turn;
    this.#agreement = agreement;
    this.#deflater = compression.deflater(agreement);
    this.#inflater = compression.inflater(agreement);
    this.parts = new PartInflater(this.#inflater, maxMessageBytes);
  }

  /** Whether a message of `bytes` is to be compressed; `choice` is the user's word for this one, if there is one. */
  wants(bytes: number, choice: boolean | undefined): boolean {
    return choice ?? bytes >= this.#agreement.threshold;
  }

  /** The same for text, whose bytes are counted only where that decides. */
  wantsText(text: string, choice: boolean | undefined): boolean {
    const least = this.#agreement.threshold;
    return choice ?? (text.length >= least || (text.length * 3 >= least && Buffer.byteLength(text) >= least));
  }

  /** True for a message of so many bytes that it is compressed at once. */
  isShort(bytes: number): boolean {
    return bytes <= SHORT_BYTES;
  }

  /** A short message, or null when compressing does not make it smaller. */
  compress(payload: Buffer): Buffer | null {
    return this.#deflater.compress(payload);
  }

  /**
   * A long message, compressed on another thread. What is sent after it must not refer to what was before it. `compressed` is
   * called when nobody needs its bytes any more, unless they are sent as they are.
   */
  async sendLong(
    opcode: Opcode,
    message: Buffer | string,
    send: SendFragment,
    compressed: () => void = () => {},
  ): Promise<void> {
    const smaller = await this.#aside(message, () => !this.#isClosed);
    if (smaller !== null) {
      this.sendsShared();
      compressed();
    }
    const payload = smaller ?? (typeof message === 'string' ? encodeUtf8(message) : message);
    await send(opcode, true, payload, smaller !== null);
  }

  /** Compresses the pieces of one message: each leaves at once, and a turn of the event loop passes after each step. */
  compressing(send: SendFragment): SendFragment {
    let sinceTurn = 0;
    return (opcode, fin, payload) => {
      const end = fin ? 'message' : 'flush';
      sinceTurn += payload.length + PIECE_COST_BYTES;
      if (sinceTurn < STEP_BYTES) {
        return send(opcode, fin, this.#deflater.piece(payload, end), opcode !== Opcode.continuation);
      }
      sinceTurn = 0;
      return turn().then(() => this.#inSteps(opcode, payload, end, send));
    };
  }

  /** What decides which frame of a prepared message is ours: connections for which both are equal get the same ones. */
  get windowBits(): number {
    return this.#agreement.deflate.windowBits;
  }

  get threshold(): number {
    return this.#agreement.threshold;
  }

  /**
   * The frame of a prepared message, compressed once for each window size: at once when it is short. It refers to no
   * message before it, so any peer can read it; call `sendsShared` when it is sent.
   */
  shared(message: PreparedMessage, choice?: boolean): SharedFrame | Promise<SharedFrame> {
    if (!this.wants(message.payload.length, choice ?? message.compress)) return message.plain;
    return message.frameFor(this.windowBits, () => {
      return this.isShort(message.payload.length) ? this.#apart(message.payload) : this.#aside(message.payload);
    });
  }

  /** The peer's window will hold a message that ours never had: what we send next must not refer to what is before it. */
  sendsShared(): void {
    this.#deflater.forget();
  }

  close(): void {
    this.#isClosed = true;
    this.#deflater.close();
    this.#inflater.close();
  }

  /** Compressed at once, in a context that knows nothing of this connection. */
  #apart(payload: Buffer): Buffer | null {
    const deflater = this.#compression.deflater({ deflate: { windowBits: this.windowBits, takeover: false } });
    const smaller = deflater.compress(payload);
    deflater.close();
    return smaller;
  }

  async #inSteps(opcode: Opcode, payload: Buffer, end: 'flush' | 'message', send: SendFragment): Promise<void> {
    let next = opcode;
    for (let at = 0; ; at += STEP_BYTES) {
      const isLast = at + STEP_BYTES >= payload.length;
      const piece = this.#deflater.piece(payload.subarray(at, at + STEP_BYTES), isLast ? end : 'more');
      if (piece.length > 0 || isLast) {
        await send(next, isLast && end === 'message', piece, next !== Opcode.continuation);
        next = Opcode.continuation;
      }
      if (isLast) return;
      await turn();
    }
  }

  #aside(message: Buffer | string, isWanted?: () => boolean): Promise<Buffer | null> {
    return this.#compression.aside.compress(message, this.#agreement.deflate.windowBits, isWanted);
  }
}

/** The compression that `extensions`, as agreed on in the handshake, ask `role` for; null when there is none. */
export function sessionDeflate(
  extensions: readonly Extension[],
  role: Role,
  compression: Compression | null,
  maxMessageBytes: number,
): SessionDeflate | null {
  if (compression === null) return null;
  const agreement = deflateAgreement(extensions, role, compression.settings);
  return agreement === null ? null : new SessionDeflate(compression, agreement, maxMessageBytes);
}

/**
 * The largest frame that may come with compression. What does not compress grows by an eighth at most (zlib.h,
 * deflateBound), and a message at its limit is legal all the same; a smaller limit for frames is the user's word.
 */
export function largestFrame({ maxFrameBytes, maxMessageBytes }: Limits): number {
  return maxFrameBytes < maxMessageBytes ? maxFrameBytes : Math.ceil(maxMessageBytes * 1.125) + 64;
}
