/**
 * An HTTP/2 client that writes frames by hand (RFC 9113 §4.1), for what Node's http2 module does not let one send.
 *
 * Knows: the layout of a frame, header fields in their simplest form.
 * Does not know: HPACK's compression; what it hears of header fields it cannot read.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterTest } from './web-sockets.js';

/** The fields of an extended CONNECT that is let in (RFC 8441 §4). */
export const GOOD_FIELDS: Readonly<Record<string, string>> = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/',
  ':authority': 'a',
  'sec-websocket-version': '13',
};

/** Types of HTTP/2 frames (RFC 9113 §6). */
export const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
} as const;

/** An HTTP/2 frame that was heard. */
export interface HeardFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that writes HTTP/2 frames by hand, and says nothing by itself but the preface and acknowledgements. */
export class RawHttp2 {
  readonly socket: Socket;
  readonly frames: HeardFrame[] = [];
  #rest = Buffer.alloc(0);

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    afterTest(() => this.socket.destroy());
    this.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    this.send(FrameType.settings, 0, 0);
    this.socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.socket.on('close', () => this.socket.emit('heard'));
  }

  send(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): void {
    this.socket.write(rawFrame(type, flags, stream, payload));
  }

  /** HEADERS with literal fields; END_HEADERS is set. */
  headers(stream: number, fields: Readonly<Record<string, string>>, flags = 0): void {
    this.send(FrameType.headers, flags + 4, stream, literalFields(fields));
  }

  /** What was heard about a stream. */
  on(stream: number, type: number): readonly HeardFrame[] {
    return this.frames.filter((frame) => frame.stream === stream && frame.type === type);
  }

  /** The error code of a RST_STREAM, or null. */
  resetOf(stream: number): number | null {
    return this.on(stream, FrameType.rstStream)[0]?.payload.readUInt32BE(0) ?? null;
  }

  /** Resolves when `isEnough` says so; rejects when the connection ends before. */
  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      if (this.socket.destroyed) throw new Error('The session ended.');
      await once(this.socket, 'heard');
    }
  }

  /** Resolves when the server has handled all that was sent before; rejects when the session does not survive it. */
  async survives(): Promise<void> {
    const opaque = Buffer.from(String(this.frames.length).padStart(8));
    this.send(FrameType.ping, 0, 0, opaque);
    await this.until(() => this.frames.some(({ type, payload }) => type === FrameType.ping && payload.equals(opaque)));
  }

  #hear(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9 && this.#rest.length >= 9 + this.#rest.readUIntBE(0, 3)) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      const payload = Buffer.from(this.#rest.subarray(9, end));
      const [type = 0, flags = 0] = this.#rest.subarray(3, 5);
      this.frames.push({ type, flags, stream: this.#rest.readUInt32BE(5), payload });
      this.#rest = this.#rest.subarray(end);
      if (type === FrameType.settings && flags === 0) this.send(FrameType.settings, 1, 0);
    }
    this.socket.emit('heard');
  }
}

/** A frame as bytes, for sending several in one packet. */
export function rawFrame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Fields in the simplest form of HPACK: literal, not indexed, not compressed (RFC 7541 §6.2.2). Names and values up to 126 bytes. */
export function literalFields(fields: Readonly<Record<string, string>>): Buffer {
  const pieces = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);
  return Buffer.concat(pieces);
}
