/**
 * A server that sends a feed to everybody who comes.
 *
 *     node feeder.mjs <host to listen on> <policy>
 *
 * Knows: Broadcast; 64 KiB 25 times a second, numbered: more in ten seconds than the system buffers for one connection.
 * Does not know: what becomes of it. 'begin' starts the feed, 'finish' ends it with one more message and says how many
 * there were, 'stats' tells the counters.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Broadcast, createServer } from 'framepipe';
import { report } from './parent.mjs';

const [host, policy] = process.argv.slice(2);
const EVERY_MS = 40;

const broadcast = new Broadcast({ policy, maxBufferedBytes: 256 * 1024 });
const server = createServer({ keepAlive: { intervalMs: 5_000, timeoutMs: 60_000 } }, (ws) => broadcast.add(ws));
server.listen(0, host, () => report('port', server.address().port));

let number = 0;
let isOver = false;
let feed;

async function send() {
  if (!broadcast.write(`${number++}`.padEnd(65_536))) await once(broadcast, 'drain');
}

async function begin() {
  for (; !isOver; await pause(EVERY_MS)) await send();
}

async function finish() {
  isOver = true;
  await feed;
  await send();
  return number;
}

const ACTIONS = {
  begin: () => {
    feed = begin();
  },
  finish,
  stats: () => broadcast.stats,
};
process.on('message', async ({ name }) => report(name, (await ACTIONS[name]()) ?? null));
