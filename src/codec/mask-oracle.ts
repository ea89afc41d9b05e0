/**
 * Masking as RFC 6455 §5.3 writes it, one byte at a time. It is the oracle that every faster kernel is tested against.
 */
import type { Mask } from './mask.js';

/** The slow and obvious kernel: `D_i = E_i XOR M_(i mod 4)`, nothing else. */
export const maskOracle: Mask = (bytes, key, phase = 0) => {
  const keyBytes = [key & 255, (key >>> 8) & 255, (key >>> 16) & 255, (key >>> 24) & 255];
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (bytes[i] as number) ^ (keyBytes[(phase + i) % 4] as number);
  }
  return (phase + bytes.length) % 4;
};
