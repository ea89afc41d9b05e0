/**
 * What there is to encode: whole binary messages of one size, as a server (unmasked) or a client (masked).
 *
 * Knows: how much a lap is, and how it is checked: what a lap puts on the wire is read back.
 * Does not know: any encoder. The wire is a Writable, as a socket is one, that counts bytes: what a write costs is part of
 * an encoder's price, a system call is not (bench:echo has it).
 */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { framesIn, headBytes, noise } from '../../lib/frames.mjs';

const LAP_BYTES = 65_536;
const FEW_MESSAGES = 8;

/** What an encoder writes to. */
export class Sink extends Writable {
  bytes = 0;
  /** @type {Buffer[] | null} */
  kept = null;

  constructor() {
    super({ highWaterMark: 2 ** 30, decodeStrings: true });
  }

  /**
   * @override
   * @param {Buffer} bytes
   * @param {string} _
   * @param {() => void} done
   */
  _write(bytes, _, done) {
    this.#count(bytes);
    done();
  }

  /**
   * @override
   * @param {{ chunk: Buffer }[]} pieces
   * @param {() => void} done
   */
  _writev(pieces, done) {
    for (const { chunk } of pieces) this.#count(chunk);
    done();
  }

  /** @param {Buffer} bytes */
  #count(bytes) {
    this.bytes += bytes.length;
    if (this.kept !== null) this.kept.push(Buffer.from(bytes));
  }
}

/** @param {{ kind: string }} one */
export function roleOf({ kind }) {
  return kind === 'encode-client' ? 'client' : 'server';
}

/**
 * @param {import('./decode.mjs').CodecCase} one
 * @param {(sink: Sink) => (messages: readonly Buffer[]) => void | Promise<void>} make Sends all messages, to the last byte.
 * @param {{ isAsync: boolean }} options Whether it sends later than it is called; then it returns promises.
 * @returns {import('../../lib/measure.mjs').Lap}
 */
export function encodeLap(one, make, { isAsync }) {
  const count = Math.max(FEW_MESSAGES, Math.floor(LAP_BYTES / one.size));
  const messages = Array.from({ length: count }, (_, at) => noise(one.size, at));
  const isMasked = roleOf(one) === 'client';
  const expected = count * (one.size + headBytes(one.size, isMasked));
  const sink = new Sink();
  const send = make(sink);
  const whole = () => {
    const { bytes } = sink;
    sink.bytes = 0;
    if (bytes !== expected) throw new Error(`${bytes} wire bytes instead of ${expected}`);
  };
  return {
    run: isAsync
      ? async () => {
          await send(messages);
          whole();
        }
      : () => {
          send(messages);
          whole();
        },
    isAsync,
    operations: count,
    bytes: count * one.size,
    check: async () => {
      sink.kept = [];
      await send(messages);
      const frames = framesIn(Buffer.concat(sink.kept));
      sink.kept = null;
      whole();
      assert.ok(frames.every((frame, at) => frame.isMasked === isMasked && messages[at]?.equals(frame.payload)));
    },
  };
}
