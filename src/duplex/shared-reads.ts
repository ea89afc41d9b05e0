/**
 * Sockets that are read into one piece of memory, which serves all of them (docs/adr/0015).
 *
 * Node makes an ArrayBuffer of 64 KiB for each read of a socket, and mostly another for what has come. It needs neither where
 * `onread` of `net.connect` gives it memory. A socket that a server accepted can be given the same later, in the fields that
 * `onread` sets.
 *
 * Knows: those fields, on which sockets they may be set, and which bytes go Node's ordinary way all the same.
 * Does not know: what the bytes mean.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** One read. System calls and turns of the event loop are shared by so many bytes. */
const READ_BYTES = 262_144;

/** After so many full reads in a row a socket waits for the next turn: 2 MiB, as after 32 reads of Node's own. */
const FULL_READS_A_TURN = 8;

/** Who takes what was read. */
export interface ReadTaker {
  /** Takes what was read. It may write into `bytes`, which will be written over when it has returned. */
  taken(socket: Duplex, bytes: Buffer): void;
  /** While `taken` was at work for `socket`, its bytes were written over. */
  spoiled(socket: Duplex, cause: Error): void;
}

interface Handle {
  useUserBuffer(memory: Uint8Array): void;
}

/** Node's names for what `onread` sets. */
interface Fields {
  readonly memory: symbol;
  readonly callback: symbol;
}

/** Reads the sockets of a process for one taker. The memory is made for the first of them. */
export class SharedReads {
  readonly #taker: ReadTaker;
  #memory: Buffer | null = null;
  /** The last read: those of a busy process tend to have one size. */
  #view: Buffer = Buffer.alloc(0);
  /** Undefined until the first socket is looked at; null where there are none. */
  #fields: Fields | null | undefined;
  /** The socket whose bytes are being taken. */
  #reading: Duplex | null = null;
  #fullReads = 0;

  constructor(taker: ReadTaker) {
    this.#taker = taker;
  }

  /**
   * The taker gets what `transport` reads from now on, past 'data'; by 'data' come what is here already, and what somebody else's
   * `pause` makes wait. False, and nothing is done, for all but plain sockets of TCP and Unix domains that nobody listens to.
   */
  share(transport: Duplex): boolean {
    if (!(transport instanceof Socket) || isWatched(transport)) return false;
    const handle = plainHandleOf(transport);
    if (handle === null) return false;
    if (this.#fields === undefined) this.#fields = fieldsOf(transport);
    if (this.#fields === null) return false;
    const socket = transport as unknown as Record<symbol, unknown>;
    const { memory, callback } = this.#fields;
    if (socket[memory] !== null) return false;
    this.#memory ??= Buffer.allocUnsafeSlow(READ_BYTES);
    socket[memory] = this.#memory;
    socket[callback] = this.#onRead;
    handle.useUserBuffer(this.#memory);
    return true;
  }

  /** What Node calls after each read. False would stop the reading. */
  readonly #onRead = (() => {
    const take = this.#take.bind(this);
    return function onRead(this: Socket, size: number, memory: Buffer): boolean {
      return take(this, size, memory);
    };
  })();

  #take(socket: Socket, size: number, memory: Buffer): boolean {
    if (this.#view.length !== size) this.#view = memory.subarray(0, size);
    const bytes = this.#view;
    // Node reads on where a paused stream has room, and what is there comes first.
    if (socket.readableFlowing !== true || socket.readableLength > 0) return socket.push(Buffer.from(bytes));
    // Only an event loop within the event loop can read a second socket now.
    if (this.#reading !== null) this.#taker.spoiled(this.#reading, new Error('The event loop was run within itself.'));
    this.#reading = socket;
    try {
      this.#taker.taken(socket, bytes);
    } finally {
      this.#reading = null;
    }
    return !this.#hasHadItsTurn(socket, bytes.length);
  }

  /** A read that is not full is the last one of a turn. */
  #hasHadItsTurn(socket: Socket, size: number): boolean {
    this.#fullReads = size === READ_BYTES ? this.#fullReads + 1 : 0;
    if (this.#fullReads < FULL_READS_A_TURN) return false;
    this.#fullReads = 0;
    setImmediate(() => {
      if (socket.readableFlowing === true) socket.resume();
    });
    return true;
  }
}

const { push } = Socket.prototype;

/** True when somebody else sees what the socket reads. */
function isWatched(socket: Socket): boolean {
  return socket.listenerCount('data') > 0 || socket.listenerCount('readable') > 0 || socket.push !== push;
}

/**
 * The handle that reads when the event loop polls, and never within a call of ours; null for that of TLS and of streams made of
 * JavaScript. On Windows the system may write into memory between two callbacks.
 */
function plainHandleOf(socket: Socket): Handle | null {
  const { _handle: handle } = socket as { _handle?: object | null };
  if (process.platform === 'win32' || handle === null || handle === undefined) return null;
  const isPlain = handle.constructor.name === 'TCP' || handle.constructor.name === 'Pipe';
  return isPlain && 'useUserBuffer' in handle && typeof handle.useUserBuffer === 'function' ? (handle as Handle) : null;
}

function fieldsOf(socket: Socket): Fields | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const memory = symbols.find(({ description }) => description === 'kBuffer');
  const callback = symbols.find(({ description }) => description === 'kBufferCb');
  return memory === undefined || callback === undefined ? null : { memory, callback };
}
