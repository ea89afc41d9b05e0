/**
 * Where masking keys come from (RFC 6455 §5.3, §10.3). They need a strong source of entropy, and each frame a fresh one.
 */
import { randomFillSync } from 'node:crypto';

/** Gives a fresh masking key, as a 32-bit integer, at each call. */
export type MaskKeySource = () => number;

/** Keys drawn at once: one call for 64 keys costs little more than one for a single key. */
const BATCH = 64;

/** Keys from the operating system's generator. Each key is handed out once and wiped. Allocates at the first call. */
export function randomMaskKeys(): MaskKeySource {
  let keys: Int32Array | null = null;
  let next = BATCH;
  return () => {
    keys ??= new Int32Array(BATCH);
    if (next === BATCH) {
      randomFillSync(keys);
      next = 0;
    }
    const key = keys[next] as number;
    keys[next++] = 0;
    return key;
  };
}
