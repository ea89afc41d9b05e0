/**
 * Compression of one connection (RFC 7692): both directions, and what is worth it.
 *
 * Knows: what the handshake agreed on, which messages are compressed, how a long one is cut so that it never holds the
 * event loop, how a prepared one is compressed once for all connections that agree on the same.
 * Does not know: zlib (src/deflate/stream), frames, when there is room to send.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Opcode, type Role } from '../codec/frame.js';
import { type DeflateAgreement, deflateAgreement } from '../deflate/agreement.js';
import type { Compression } from '../deflate/stream/compression.js';
import type { Deflater } from '../deflate/stream/deflater.js';
import type { Inflater } from '../deflate/stream/inflater.js';
import { PartInflater } from '../deflate/stream/part-inflater.js';
import type { Extension } from '../handshake/extensions.js';
import type { SendFragment } from './outgoing.js';
import type { Compressed, PreparedMessage } from './prepared-message.js';

/** Longer messages are compressed in steps of this many bytes, about 2 ms each, with other work in between. */
const STEP_BYTES = 65_536;

/** The compression of one open connection. It must be closed. */
export class SessionDeflate {
  readonly #compression: Compression;
  readonly #agreement: DeflateAgreement;
  readonly #deflater: Deflater;
  readonly #inflater: Inflater;
  /** Parts of compressed messages become parts of plain ones. */
  readonly parts: PartInflater;

  /** A message may inflate to `maxMessageBytes`. */
  constructor(compression: Compression, agreement: DeflateAgreement, maxMessageBytes: number) {
    this.#compression = compression;
    this.#agreement = agreement;
    this.#deflater = compression.deflater(agreement);
    this.#inflater = compression.inflater(agreement);
    this.parts = new PartInflater(this.#inflater, maxMessageBytes);
  }

  /** Whether a message of `bytes` is to be compressed; `choice` is the user's word for this one, if there is one. */
  wants(bytes: number, choice: boolean | undefined): boolean {
    return choice ?? bytes >= this.#agreement.threshold;
  }

  /** True for a message that is short enough to be compressed at once. */
  isShort(bytes: number): boolean {
    return bytes <= STEP_BYTES;
  }

  /** A short message, or null when compressing does not make it smaller. */
  compress(payload: Buffer): Buffer | null {
    return this.#deflater.compress(payload);
  }

  /** A long message, in fragments: one step a turn of the event loop, as fast as `send` lets it. */
  async sendLong(opcode: Opcode, payload: Buffer, send: SendFragment): Promise<void> {
    let next = opcode;
    for (let at = 0; at < payload.length; at += STEP_BYTES) {
      if (at > 0) await turn();
      const fin = at + STEP_BYTES >= payload.length;
      const piece = this.#deflater.piece(payload.subarray(at, at + STEP_BYTES), fin ? 'message' : 'more');
      if (piece.length === 0 && !fin) continue;
      await send(next, fin, piece, next !== Opcode.continuation);
      next = Opcode.continuation;
    }
  }

  /** Compresses what `send` is given, piece by piece: each leaves at once. */
  compressing(send: SendFragment): SendFragment {
    return (opcode, fin, payload) => {
      const piece = this.#deflater.piece(payload, fin ? 'message' : 'flush');
      return send(opcode, fin, piece, opcode !== Opcode.continuation);
    };
  }

  /**
   * A prepared message, compressed once for each window size; null when that does not make it smaller. It refers to no
   * message before it, so any peer can read it, but what we send next must not refer to what is before it either.
   */
  prepared(message: PreparedMessage): Compressed | Promise<Compressed> {
    this.#deflater.forget();
    return message.compressedFor(this.#agreement.deflate.windowBits, () => this.#compressAlone(message.payload));
  }

  close(): void {
    this.#deflater.close();
    this.#inflater.close();
  }

  async #compressAlone(payload: Buffer): Promise<Compressed> {
    const { windowBits } = this.#agreement.deflate;
    const deflater = this.#compression.deflater({ deflate: { windowBits, takeover: false } });
    const pieces: Buffer[] = [];
    try {
      for (const piece of deflater.slices(payload)) {
        pieces.push(piece);
        if (payload.length > STEP_BYTES) await turn();
      }
    } finally {
      deflater.close();
    }
    const whole = Buffer.concat(pieces);
    return whole.length < payload.length ? whole : null;
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
