/**
 * One connection, composed of framepipe's stages.
 *
 *   bytes ─► tap ─► FrameDecoder ─► ControlResponder ─► MessageDecoder ─► sink
 *   bytes ◄─ tap ◄─ FrameEncoder ◄─ Fragmenter ◄─────── MessageEncoder ◄─ out
 *
 * Knows: why these are two pipelines and not one. A pipeline destroys all its streams when one fails; the way out must
 * survive a failure on the way in, because the close frame that tells the peer why has to leave by it.
 * Does not know: what the messages mean.
 */
import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { CloseCode, encodeClose, MAX_REASON_BYTES } from '../codec/close-code.js';
import { frame as frameWith, Opcode } from '../codec/frame.js';
import { ControlResponder } from '../codec/stream/control-responder.js';
import { FrameDecoder } from '../codec/stream/frame-decoder.js';
import { FrameEncoder } from '../codec/stream/frame-encoder.js';
import { MessageDecoder } from '../codec/stream/message-decoder.js';
import { MessageEncoder } from '../codec/stream/message-encoder.js';
import { WebSocketError } from '../errors.js';
import { pipeline, type Writable } from '../streams.js';
import { Fragmenter } from './fragmenter.js';
import { TapStage } from './tap-stage.js';
import type { WireTap } from './wire-tap.js';

/** What a line may carry, who watches it, and who is told. */
export interface MessageLineOptions {
  readonly maxMessageBytes: number;
  /** Sees the wire bytes of each direction. */
  readonly taps?: { readonly in: WireTap; readonly out: WireTap };
  /** The peer broke the RFC or a limit; it has been told so by a close frame. */
  readonly onFailure?: (error: WebSocketError) => void;
  /** Called once, when the connection is over. */
  readonly onEnd?: () => void;
  readonly onFragmented?: () => void;
}

/** After our close frame the peer has this long to end the connection. */
const LINGER_MS = 1_000;

/** The stages around `bytes`, which it owns from `start` on. */
export class MessageLine {
  /** Messages that are written here are sent. */
  readonly out = new MessageEncoder();
  readonly fragmenter: Fragmenter;
  readonly #bytes: Duplex;
  readonly #encoder = new FrameEncoder({ role: 'server' });
  readonly #entry: TapStage;
  readonly #options: MessageLineOptions;

  constructor(bytes: Duplex, options: MessageLineOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#entry = new TapStage(options.taps?.in ?? null);
    this.fragmenter = new Fragmenter(() => options.onFragmented?.());
  }

  /** Bytes that have arrived and that no stage has taken yet. */
  get unreadBytes(): number {
    return this.#bytes.readableLength;
  }

  /** Lets the bytes flow, and the messages into `sink`. */
  start(sink: Writable): void {
    const { maxMessageBytes, taps, onEnd } = this.#options;
    const exit = new TapStage(taps?.out ?? null);
    pipeline(this.out, this.fragmenter, this.#encoder, exit, this.#bytes, () => {
      this.#entry.destroy();
      this.#linger();
      onEnd?.();
    });
    pipeline(
      this.#entry,
      new FrameDecoder({ role: 'server', maxFrameBytes: maxMessageBytes, readableHighWaterMark: 1 }),
      new ControlResponder({ encoder: this.#encoder }),
      new MessageDecoder({ maxMessageBytes }),
      sink,
      (error) => {
        if (error) this.#fail(error);
      },
    );
    this.#bytes.pipe(this.#entry);
  }

  /** Sends a ping; false when the peer does not even read what was sent before. */
  ping(payload: string): boolean {
    if (this.#encoder.writableNeedDrain || this.#encoder.writableEnded || this.#encoder.destroyed) return false;
    this.#encoder.write(frameWith(Opcode.ping, Buffer.from(payload)));
    return true;
  }

  /** Stops reading, sends what is left and a close frame, and ends the connection. */
  close(code: number, reason: string): void {
    this.#bytes.unpipe(this.#entry);
    // Bytes left unread would turn our FIN into a reset, and the close frame would be lost with it.
    this.#bytes.resume();
    this.#encoder.setFinalFrame(frameWith(Opcode.close, encodeClose(code, reason.slice(0, MAX_REASON_BYTES))));
    this.out.end();
    this.#entry.destroy();
    this.#linger();
  }

  #fail(error: Error): void {
    const told = error instanceof WebSocketError ? error.closeCode : null;
    if (!(error instanceof WebSocketError) || told === null || told === CloseCode.abnormal) {
      if (!this.out.writableEnded) this.#bytes.destroy();
      return;
    }
    this.#options.onFailure?.(error);
    this.close(told, error.message);
  }

  #linger(): void {
    setTimeout(() => this.#bytes.destroy(), LINGER_MS).unref();
  }
}
