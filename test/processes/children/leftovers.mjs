/**
 * What connections that have ended have left behind in this process. Needs --expose-gc.
 */
import { setImmediate as turn } from 'node:timers/promises';

const ours = () => process.getActiveResourcesInfo();
const sockets = () => ours().filter((kind) => kind === 'TCPSocketWrap').length;

/** Waits until no socket is open, then tells bytes of heap and memory outside of it, and the kinds of handles. */
export async function leftovers() {
  while (sockets() > 0) await turn();
  for (let pass = 0; pass < 4; pass++) {
    await turn();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  const handles = ours().filter((kind) => kind !== 'Immediate');
  return { heapUsed, external, handles: handles.sort() };
}
