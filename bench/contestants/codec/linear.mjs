/**
 * Does a byte of a large message cost more than one of a small message, and the ten millionth frame of a connection more
 * than the first?
 *
 * Knows: a WebSocketDuplex over a wire in memory, one connection for a whole case.
 * Does not know: sockets. The wire's chunks are used again and again, so the Duplex copies what it keeps.
 */
import { Duplex } from 'node:stream';
import { WebSocketDuplex } from '../../../dist/index.js';
import { frameOf, headBytes, keyFor, noise, OPCODE } from '../../lib/frames.mjs';

const CHUNK_BYTES = 65_536;
export const LAP_BYTES = 32 * 1024 * 1024;
/** From this size on one message is a lap, which is run once. */
export const ONCE_BYTES = 256 * 1024 * 1024;
const SMALL_BYTES = 16;

/** A wire that yields the chunks of one job after another, as fast as they are taken. */
class Wire extends Duplex {
  /** @type {Iterator<Buffer> | null} */
  #job = null;
  #wanted = false;

  /** @param {Iterable<Buffer>} chunks */
  feed(chunks) {
    this.#job = chunks[Symbol.iterator]();
    if (this.#wanted) this.#next();
  }

  /** @override */
  _read() {
    this.#wanted = true;
    this.#next();
  }

  /**
   * @override
   * @param {Buffer} _bytes
   * @param {string} _encoding
   * @param {() => void} done
   */
  _write(_bytes, _encoding, done) {
    done();
  }

  #next() {
    const { value, done } = this.#job?.next() ?? { done: true };
    if (done) return;
    this.#wanted = false;
    this.push(value);
  }
}

/**
 * An open connection, and a promise for so many messages of `size` bytes each.
 * @param {number} size
 * @param {'message' | 'stream'} readAs
 */
function connection(size, readAs = 'message') {
  const transport = new Wire();
  const ws = new WebSocketDuplex({
    role: 'server',
    transport,
    maxMessageBytes: Number.POSITIVE_INFINITY,
    keepAlive: false,
    readAs,
  });
  let left = 0;
  let done = () => {};
  const take = (/** @type {number} */ bytes) => {
    if (bytes !== size) throw new Error(`${bytes} bytes instead of ${size}`);
    if (--left === 0) done();
  };
  ws.on('data', (/** @type {any} */ message) => {
    if (readAs === 'message') return take(message.length);
    let bytes = 0;
    message.on('data', (/** @type {Buffer} */ piece) => {
      bytes += piece.length;
    });
    message.on('end', () => take(bytes));
  });
  return (/** @type {number} */ messages, /** @type {Iterable<Buffer>} */ chunks) =>
    new Promise((resolve) => {
      left = messages;
      done = () => resolve(undefined);
      transport.feed(chunks);
    });
}

/** Messages of `size` bytes, one after another, whole or as streams. @param {import('./decode.mjs').CodecCase} one */
export function bytesLap({ kind, size }) {
  const pass = connection(size, kind === 'linear-streams' ? 'stream' : 'message');
  const messages = Math.max(1, Math.floor(LAP_BYTES / size));
  const head = frameOf({ opcode: OPCODE.binary, payload: Buffer.alloc(size), key: keyFor(1) }).subarray(
    0,
    headBytes(size, true),
  );
  const chunk = noise(CHUNK_BYTES);
  function* chunks() {
    for (let message = 0; message < messages; message++) {
      yield Buffer.from(head);
      for (let sent = 0; sent < size; sent += CHUNK_BYTES) yield chunk.subarray(0, Math.min(CHUNK_BYTES, size - sent));
    }
  }
  const run = () => pass(messages, chunks());
  const once = size >= ONCE_BYTES;
  return { run, isAsync: true, operations: messages, bytes: messages * size, check: once ? () => {} : run, once };
}

/** 16-byte messages on a connection that has seen `count` of them before. @param {import('./decode.mjs').CodecCase} one */
export function framesLap({ count = 1 }) {
  const pass = connection(SMALL_BYTES);
  const frameBytes = SMALL_BYTES + headBytes(SMALL_BYTES, true);
  const aChunk = Math.floor(CHUNK_BYTES / frameBytes);
  const frame = frameOf({ opcode: OPCODE.binary, payload: noise(SMALL_BYTES), key: keyFor(1) });
  const chunk = Buffer.concat(Array.from({ length: aChunk }, () => frame));
  function* chunks(/** @type {number} */ frames) {
    for (let sent = 0; sent < frames; sent += aChunk) {
      yield chunk.subarray(0, Math.min(aChunk, frames - sent) * frameBytes);
    }
  }
  const operations = aChunk * 16;
  return {
    run: () => pass(operations, chunks(operations)),
    isAsync: true,
    operations,
    bytes: operations * SMALL_BYTES,
    check: () => pass(count, chunks(count)),
  };
}
