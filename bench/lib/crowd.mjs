/**
 * What a connection costs in memory, measured on many of them.
 *
 * Knows: that a process needs a rehearsal before its memory means anything, and that garbage is collected first.
 * Does not know: what the connections do.
 */

const REHEARSAL = 200;
const SETTLE_MS = 150;

/**
 * Heap, RSS and other memory of the server for each connection, in bytes. The heap is V8's; `external` holds Buffers.
 * @param {import('./network.mjs').Pair} pair
 * @param {{ connections: number, settleMs?: number, [more: string]: unknown }} crowd
 */
export async function memoryTurn({ server, load, port }, crowd) {
  await load.ask('open', { port, ...crowd, connections: Math.min(REHEARSAL, crowd.connections) });
  await load.ask('close');
  const before = await settled(server, crowd.settleMs);
  await load.ask('open', { port, ...crowd });
  const after = await settled(server, crowd.settleMs);
  await load.ask('close');
  const each = (/** @type {'heapUsed' | 'rss' | 'external'} */ kind) =>
    (after[kind] - before[kind]) / crowd.connections;
  return { heapBytes: each('heapUsed'), rssBytes: each('rss'), externalBytes: each('external') };
}

/** @param {import('./child.mjs').Child} server @param {number} [ms] */
async function settled(server, ms = SETTLE_MS) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return server.ask('memory');
}
