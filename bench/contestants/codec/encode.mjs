/**
 * What there is to encode: whole binary messages of one size, as a server (unmasked) or a client (masked).
 *
 * Knows: how much a lap is, and how it is checked: what a lap puts on the wire is read back.
 * Does not know: any encoder. The wire counts bytes: what a write costs is part of an encoder's price, a system call is not
 * (bench:echo has it). `encode` writes to a Writable of which an encoder knows nothing, one lap after another without a turn of
 * the event loop. `send` is what happens in life: to a net.Socket, 1 MiB in each turn.
 */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { framesIn, headBytes, noise } from '../../lib/frames.mjs';

const LAP_BYTES = { encode: 65_536, send: 1_048_576 };
const FEW_MESSAGES = 8;

/** Counts what was written, and keeps it when it is asked to. */
class Wire {
  bytes = 0;
  /** @type {Buffer[] | null} */
  kept = null;

  /** @param {Buffer} bytes */
  add(bytes) {
    this.bytes += bytes.length;
    if (this.kept !== null) this.kept.push(Buffer.from(bytes));
  }
}

/** @param {Wire} wire */
function writableTo(wire) {
  return new Writable({
    highWaterMark: 2 ** 30,
    write(bytes, _, done) {
      wire.add(bytes);
      done();
    },
    writev(pieces, done) {
      for (const { chunk } of pieces) wire.add(chunk);
      done();
    },
  });
}

/**
 * A socket as net makes it, whose handle takes all at once, as the system does. `handle` is what net itself gives to it.
 * @param {Wire} wire
 */
function socketTo(wire) {
  const handle = {
    readStart: () => 0,
    writeBuffer: (/** @type {unknown} */ _, /** @type {Buffer} */ bytes) => {
      wire.add(bytes);
      return 0;
    },
    writev: (/** @type {unknown} */ _, /** @type {Buffer[]} */ pieces) => {
      for (const bytes of pieces) wire.add(bytes);
      return 0;
    },
  };
  return new Socket(/** @type {import('node:net').SocketConstructorOpts} */ ({ handle }));
}

/** @param {{ kind: string }} one */
export function roleOf({ kind }) {
  return kind.endsWith('client') ? 'client' : 'server';
}

/**
 * @param {import('./decode.mjs').CodecCase} one
 * @param {(sink: Writable) => (messages: readonly Buffer[]) => void | Promise<void>} make Sends all messages, to the last byte.
 * @param {{ isAsync: boolean }} options Whether it sends later than it is called; then it returns promises.
 * @returns {import('../../lib/measure.mjs').Lap}
 */
export function encodeLap(one, make, { isAsync }) {
  const isSent = one.kind.startsWith('send');
  const countIn = (/** @type {number} */ bytes) => Math.max(FEW_MESSAGES, Math.floor(bytes / one.size));
  const some = Array.from({ length: countIn(LAP_BYTES.encode) }, (_, at) => noise(one.size, at));
  const count = isSent ? countIn(LAP_BYTES.send) : some.length;
  const messages = Array.from({ length: count }, (_, at) => /** @type {Buffer} */ (some[at % some.length]));
  const isMasked = roleOf(one) === 'client';
  const expected = count * (one.size + headBytes(one.size, isMasked));
  const wire = new Wire();
  const sink = isSent ? socketTo(wire) : writableTo(wire);
  const send = make(sink);
  const whole = () => {
    const { bytes } = wire;
    wire.bytes = 0;
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
    between: isSent ? () => turn() : undefined,
    operations: count,
    bytes: count * one.size,
    check: async () => {
      wire.kept = [];
      await send(messages);
      const frames = framesIn(Buffer.concat(wire.kept));
      wire.kept = null;
      whole();
      assert.equal(sink.writableLength, 0);
      assert.ok(frames.every((frame, at) => frame.isMasked === isMasked && messages[at]?.equals(frame.payload)));
    },
  };
}
