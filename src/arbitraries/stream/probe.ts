/**
 * One connection to a server under test: bytes out, its verdict back.
 *
 * Knows: how to dial, how to let chunks arrive apart, how to read a close code from what comes back.
 * Does not know: what the verdict should be (fuzz-server.ts).
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { CloseCode, decodeClose } from '../../codec/close-code.js';
import { type Frame, Opcode } from '../../codec/frame.js';
import { FrameAssembler } from '../../codec/frame-assembler.js';
import { FrameParser } from '../../codec/frame-parser.js';
import { type DialOptions, dial } from '../../handshake/stream/dial.js';

/** What the server did with a wire. */
export interface ProbeAnswer {
  /** Its close code: 1005 for a close frame without one, 1006 for an end without a close frame, null when it stayed open. */
  readonly closeCode: number | null;
  /** Payloads of its pongs, as hex, in order. */
  readonly pongs: readonly string[];
  /** Why the server's own frames are illegal, or null. */
  readonly broken: string | null;
}

/** Chunks beyond this many are sent together: a turn of the event loop for each byte of 64 KiB would take minutes. */
const MOST_CHUNKS = 512;

/**
 * Connects, sends `chunks` one by one, and resolves when the server has sent a close frame, has ended the connection, or
 * has done neither for `timeoutMs` milliseconds after the last chunk. Nothing stays open.
 * Rejects with a HandshakeError when there is no WebSocket at `url`.
 */
export async function probe(
  url: string | URL,
  chunks: readonly Buffer[],
  timeoutMs: number,
  options: DialOptions = {},
): Promise<ProbeAnswer> {
  const { socket, head } = await dial(url, options);
  const listener = new Listener(socket);
  try {
    listener.hear(head);
    await Promise.race([send(socket, chunks), listener.over]);
    await within(timeoutMs, listener.over);
    return listener.answer;
  } finally {
    socket.destroy();
  }
}

async function send(socket: Duplex, chunks: readonly Buffer[]): Promise<void> {
  const together = Buffer.concat(chunks.slice(MOST_CHUNKS));
  if (socket instanceof Socket) socket.setNoDelay(true);
  for (const chunk of [...chunks.slice(0, MOST_CHUNKS), together]) {
    if (socket.destroyed || !socket.writable) return;
    if (chunk.length > 0) socket.write(chunk);
    await turn();
  }
}

/** Resolves with the promise, or after `timeoutMs`. */
async function within(timeoutMs: number, over: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([over, late]);
  clearTimeout(timer);
}

/** Reads the server's frames up to its close frame. */
class Listener {
  readonly over: Promise<void>;
  readonly #finish: () => void;
  readonly #parser = new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: true });
  readonly #assembler = new FrameAssembler(true);
  readonly #pongs: string[] = [];
  #closeCode: number | null = null;
  #broken: string | null = null;
  #isOver = false;

  constructor(socket: Duplex) {
    let finish = () => {};
    this.over = new Promise((resolve) => {
      finish = resolve;
    });
    this.#finish = finish;
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    for (const event of ['end', 'error', 'close']) socket.on(event, () => this.#end(CloseCode.abnormal));
  }

  get answer(): ProbeAnswer {
    return { closeCode: this.#closeCode, pongs: this.#pongs, broken: this.#broken };
  }

  hear(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#parser.push(chunk);
      for (let part = this.#parser.next(); part !== null && !this.#isOver; part = this.#parser.next()) {
        const frame = this.#assembler.add(part);
        if (frame !== null) this.#take(frame);
      }
    } catch (error) {
      this.#broken = error instanceof Error ? error.message : String(error);
      this.#end(null);
    }
  }

  #take({ opcode, payload }: Frame): void {
    if (opcode === Opcode.pong) this.#pongs.push(payload.toString('hex'));
    if (opcode === Opcode.close) this.#end(decodeClose(payload).code);
  }

  #end(closeCode: number | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#closeCode = closeCode;
    this.#finish();
  }
}
