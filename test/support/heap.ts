/** How much memory is in use once garbage has been collected. Needs no flag for Node. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the JavaScript heap. */
export function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time++) collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes behind Buffers. */
export function bufferedBytes(): number {
  heapUsed();
  return process.memoryUsage().arrayBuffers;
}
