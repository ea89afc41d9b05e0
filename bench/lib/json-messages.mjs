/**
 * JSON as services send it, and what permessage-deflate makes of it.
 *
 * Knows: the messages; how a run of them is compressed with one window kept from message to message (RFC 7692 §7.2.1).
 * A run may be sent again and again from its start: distances are relative, and reach back into the run only.
 * Does not know: connections.
 */
import { constants, createDeflateRaw, inflateRawSync } from 'node:zlib';

const TAIL = Buffer.of(0, 0, 0xff, 0xff);

/** `count` messages of `size` bytes: the same keys, changing values. @type {(size: number, count: number) => Buffer[]} */
export function jsonMessages(size, count) {
  return Array.from({ length: count }, (_, at) => {
    let json = '';
    for (let i = 0; json.length < size; i++) {
      const id = (at * 2_654_435_761 + i * 40_503) % 1_000_003;
      json += `{"id":${id},"user":"u${id % 977}","price":${(id % 10_007) / 100},"side":"${id % 3 ? 'buy' : 'sell'}","ok":true}`;
    }
    return Buffer.from(json.slice(0, size));
  });
}

/** The payloads of the frames that carry `messages`. @type {(messages: readonly Buffer[], windowBits?: number) => Promise<Buffer[]>} */
export async function compressed(messages, windowBits = 15) {
  const stream = createDeflateRaw({ windowBits });
  /** @type {Buffer[]} */
  let pieces = [];
  stream.on('data', (piece) => pieces.push(piece));
  const payloads = [];
  for (const message of messages) {
    stream.write(message);
    await new Promise((resolve) => stream.flush(constants.Z_SYNC_FLUSH, () => resolve(undefined)));
    payloads.push(Buffer.concat(pieces).subarray(0, -TAIL.length));
    pieces = [];
  }
  stream.close();
  return payloads;
}

/** The messages of a run of payloads, end to end. @param {readonly Buffer[]} payloads */
export function inflated(payloads) {
  const whole = Buffer.concat(payloads.flatMap((payload) => [payload, TAIL]));
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
}
