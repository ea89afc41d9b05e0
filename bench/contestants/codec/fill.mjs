/**
 * Memory for a message of so many bytes, and every one of them written: what any reader of whole messages pays at least.
 *
 * Knows: that a page of fresh memory costs more than what is written there.
 * Does not know: WebSockets. The laps are those of the messages that it is compared with.
 */
import { LAP_BYTES, ONCE_BYTES } from './linear.mjs';

/** @param {import('./decode.mjs').CodecCase} one @returns {import('../../lib/measure.mjs').Lap} */
export function lap({ size }) {
  const messages = Math.max(1, Math.floor(LAP_BYTES / size));
  const run = () => {
    for (let message = 0; message < messages; message++) Buffer.allocUnsafeSlow(size).fill(message);
  };
  return {
    run,
    isAsync: false,
    operations: messages,
    bytes: messages * size,
    check: () => {},
    once: size >= ONCE_BYTES,
  };
}
