/** No unmasking at all: `Buffer.copy` of as many bytes, the speed that memory allows. Only runs; the check is left out. */
import { runOf } from './work.mjs';

/** @param {import('./work.mjs').UnmaskCase} one */
export function lap(one) {
  const { bytes, calls } = runOf(one);
  const target = Buffer.allocUnsafeSlow(bytes.length);
  const run = () => {
    for (let call = 0; call < calls; call++) bytes.copy(target);
  };
  return { run, operations: calls, bytes: calls * one.size, check: run };
}
