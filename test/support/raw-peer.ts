/**
 * The other end of a WebSocket, by hand: it sends what bytes a test likes and reads frames off the wire.
 *
 * Knows: the reference codec of frames.ts.
 * Does not know: the code under test; it never answers by itself.
 */
import type { Duplex } from 'node:stream';
import type { Frame, Role } from '../../src/codec/frame.js';
import { close, type ReadFrame, readWire, wireOf } from './frames.js';

const KEY = Buffer.from('37fa213d', 'hex');

export interface RawClose {
  /** Null for a close frame without a payload. */
  readonly code: number | null;
  readonly reason: string;
}

export class RawPeer {
  readonly socket: Duplex;
  readonly #role: Role;
  readonly #chunks: Buffer[] = [];
  /** True once the other side has sent its last byte, or the socket is gone. */
  hasEnded = false;
  /** How much was heard. */
  heardBytes = 0;

  /** Its own role decides whether what it sends is masked. Reads at once, unless `reading` is false. */
  constructor(socket: Duplex, role: Role, reading = true) {
    this.socket = socket;
    this.#role = role;
    socket.allowHalfOpen = true;
    socket.on('error', () => {});
    for (const event of ['end', 'close']) socket.once(event, () => this.#end());
    if (reading) this.read();
  }

  /** Begins to read. */
  read(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.heardBytes += chunk.length;
      this.socket.emit('heard');
    });
  }

  /** Everything that was heard. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The frames that were heard, without one that is cut off. */
  get frames(): readonly Frame[] {
    const { bytes } = this;
    const frames: Frame[] = [];
    for (let at = 0; at < bytes.length; ) {
      const read = firstWhole(bytes.subarray(at));
      if (read === null) break;
      frames.push(read.frame);
      at += read.size;
    }
    return frames;
  }

  get closeFrame(): RawClose | null {
    const payload = this.frames.find(({ opcode }) => opcode === 8)?.payload;
    if (payload === undefined) return null;
    return { code: payload.length === 0 ? null : payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
  }

  /** Sends frames, masked when this is the client; a Buffer goes out as it is. */
  send(...items: readonly (Frame | Buffer)[]): void {
    const key = this.#role === 'client' ? KEY : undefined;
    this.socket.write(Buffer.concat(items.map((item) => (Buffer.isBuffer(item) ? item : wireOf(item, { key })))));
  }

  /** Sends a close frame. */
  sendClose(code?: number, reason?: string): void {
    this.send(close(code, reason));
  }

  /** Resolves when `isEnough` says so; rejects when the other side ends before. */
  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      if (this.hasEnded) throw new Error(`The wire ended with ${this.frames.length} frames.`);
      await this.#heard();
    }
  }

  /** The close frame of the other side, when it has come. */
  async closed(): Promise<RawClose | null> {
    await this.until(() => this.closeFrame !== null);
    return this.closeFrame;
  }

  /** Resolves when the other side has sent its last byte. */
  async ended(): Promise<void> {
    while (!this.hasEnded) await this.#heard();
  }

  #heard(): Promise<void> {
    return new Promise((resolve) => this.socket.once('heard', resolve));
  }

  #end(): void {
    this.hasEnded = true;
    this.socket.emit('heard');
  }
}

/** The first frame, or null until all of it is there. */
function firstWhole(bytes: Buffer): ReadFrame | null {
  const short = (bytes[1] ?? 0) % 128;
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (bytes.length < 2 + extended) return null;
  const length = extended === 0 ? short : Number(`0x${bytes.subarray(2, 2 + extended).toString('hex')}`);
  const size = 2 + extended + ((bytes[1] ?? 0) >= 128 ? 4 : 0) + length;
  const [whole] = bytes.length < size ? [] : readWire(bytes.subarray(0, size));
  return whole ?? null;
}
