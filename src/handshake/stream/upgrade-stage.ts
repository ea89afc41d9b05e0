/**
 * The stage that both handshakes become: a Duplex of the bytes after the HTTP head.
 *
 * Knows: how to hold writes back until the handshake is done, and how to relay a socket afterwards, one hop each way,
 * with backpressure and half-close both ways and no copies; how to tell the peer that the pipeline has failed.
 * Does not know: HTTP, verdicts, deadlines. ServerUpgrade and ClientUpgrade do the handshake, then call `open`
 * once; to refuse, they destroy the stage with their error.
 */

import { Buffer } from 'node:buffer';
import type { Duplex as AnyDuplex } from 'node:stream';
import { type CloseReason, closeFor, encodeClose } from '../../codec/close-code.js';
import { frame, Opcode, type Role } from '../../codec/frame.js';
import { FrameWriter } from '../../codec/frame-writer.js';
import { violation } from '../../errors.js';
import { Duplex } from '../../streams.js';
import { endWith } from './linger.js';

type Done = (error?: Error | null) => void;

/** A write (or the end) that waits for the handshake or for the socket to drain. */
interface Parked {
  readonly run: () => void;
  readonly done: Done;
}

/**
 * A one-shot stage around `socket`, which it owns from now on: destroying the stage destroys the socket.
 *
 * Before `open`: reading yields nothing, one write is parked and the next ones queue up to the high-water mark
 * (16 KiB), and nothing listens to the socket except for its 'error', which a subclass must watch for itself.
 * After `open`: the socket's bytes are the stage's bytes. A socket that fails, or that closes before both sides have
 * ended, destroys the stage with a ConnectionError (`ERR_WS_CUT_OFF`, the socket's own error as `cause`): a cut-off
 * stream never looks like a complete one. Destroyed by a failing pipeline, it tells the peer with a close frame first: the
 * code of a WebSocketError, 1011 for any other error.
 */
export abstract class UpgradeStage extends Duplex {
  readonly #socket: AnyDuplex;
  readonly #role: Role;
  #opened = false;
  /** The reader has asked for bytes and has not had any yet. */
  #wanted = false;
  #parked: Parked | null = null;
  /** The peer has sent its last byte. */
  #ended = false;
  /** Our last byte has left. */
  #finished = false;

  constructor(socket: AnyDuplex, role: Role) {
    super();
    this.#socket = socket;
    this.#role = role;
    socket.on('error', (cause: Error) => {
      if (this.#opened) this.#cutOff(cause);
    });
  }

  /**
   * Turns the stage into a relay: `head` (the bytes that followed the HTTP head, may be empty) is read first, then what
   * the socket yields; parked writes leave. Call it once, when HTTP has let go of the socket. Borrows `head` for ever:
   * it must not change again.
   */
  protected open(head: Uint8Array): void {
    if (this.destroyed) return;
    this.#opened = true;
    const socket = this.#socket;
    // One side of a pipeline may end long before the other one: the socket must not answer a FIN by itself.
    socket.allowHalfOpen = true;
    if (head.length > 0) this.#wanted = this.push(head);
    if (socket.destroyed) this.#cutOff(socket.errored);
    else this.#relay();
    if (socket.readableEnded) this.#end();
    this.#unpark();
  }

  #relay(): void {
    const socket = this.#socket;
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.#end());
    socket.on('drain', () => this.#unpark());
    socket.on('close', () => {
      if (!this.#ended || !this.#finished) this.#cutOff(socket.errored);
    });
    if (this.#wanted) socket.resume();
  }

  override _read(): void {
    this.#wanted = true;
    if (this.#opened) this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    if (!this.#opened) this.#park(() => this._write(chunk, _encoding, done), done);
    else if (this.#socket.write(chunk)) done();
    else this.#park(done, done);
  }

  /** What has piled up leaves in one go: the socket turns it into one system call. */
  override _writev(writes: readonly { chunk: Uint8Array }[], done: Done): void {
    if (!this.#opened) this.#park(() => this._writev(writes, done), done);
    else if (this.#writeAll(writes)) done();
    else this.#park(done, done);
  }

  override _final(done: Done): void {
    if (!this.#opened) this.#park(() => this._final(done), done);
    else this.#socket.end(() => this.#finish(done));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.release(this.#socket, error);
    done(error);
    const parked = this.#parked;
    this.#parked = null;
    parked?.done(error ?? violation('CUT_OFF', { reason: 'destroyed' }));
  }

  /**
   * Called once, when the stage is destroyed. When a stage of the pipeline has failed, the peer is told by a close frame:
   * this is the only one that still can. A subclass that still has to say no overrides it.
   */
  protected release(socket: AnyDuplex, error: Error | null): void {
    const reason = this.#opened && !this.writableEnded ? closeFor(error) : null;
    if (reason === null) socket.destroy();
    else endWith(socket, closeFrame(reason, this.#role));
  }

  /** What the last write says about going on. */
  #writeAll(writes: readonly { chunk: Uint8Array }[]): boolean {
    const socket = this.#socket;
    let mayGoOn = true;
    socket.cork();
    for (const { chunk } of writes) mayGoOn = socket.write(chunk);
    socket.uncork();
    return mayGoOn;
  }

  #park(run: () => void, done: Done): void {
    this.#parked = { run, done };
  }

  #unpark(): void {
    const parked = this.#parked;
    this.#parked = null;
    parked?.run();
  }

  #end(): void {
    this.#ended = true;
    this.push(null);
  }

  #finish(done: Done): void {
    // Node calls back with an error too when the socket dies first; then its 'close' tells the reader why.
    this.#finished = this.#socket.writableFinished;
    if (this.#finished) done();
  }

  #cutOff(cause: Error | null): void {
    this.destroy(cause === null ? violation('CUT_OFF') : violation('CUT_OFF', { reason: cause.message }, { cause }));
  }
}

function closeFrame({ code, reason }: CloseReason, role: Role): Buffer {
  const writer = new FrameWriter(role);
  writer.add(frame(Opcode.close, encodeClose(code, reason)));
  return Buffer.concat(writer.take());
}
