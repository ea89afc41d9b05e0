/**
 * A feed for many clients by Broadcast. Arguments: the policy, the limit for a client, the number of rounds.
 *
 * A client of `/reader` gets what is for all; one of `/private/N` also what is for N alone, 64 KiB a round: what waits for
 * it is in memory for nobody else. Words: 'begin' starts the feed; 'stopped' is reported when the source has to wait for
 * a client, 'done' when it is through. 'count' reports how many clients there are, 'stats' the counters and how much
 * memory was taken since 'begin'.
 */
import { once } from 'node:events';
import { Broadcast, createServer } from 'framepipe';
import { watchMemory } from './memory.mjs';
import { obey, report } from './parent.mjs';

const [policy, maxBufferedBytes, rounds] = process.argv.slice(2);
/** One key comes back in every other round, while it waits; the rest after so many, when the limit has passed it by. */
const KEYS = 16;
const keyOf = (round) => (round % 2 === 0 ? 'often' : round % KEYS);
const common = Buffer.alloc(1_024, 'all');
const own = Buffer.alloc(65_536, 'own');

const broadcast = new Broadcast({ policy, maxBufferedBytes: Number(maxBufferedBytes) });
const names = [];
const server = createServer({ keepAlive: false, closeTimeoutMs: 1_000 }, (ws, { url }) => {
  const name = url.split('/')[2];
  if (name !== undefined) names.push(name);
  broadcast.add(ws, { filter: (_, key) => key.startsWith('all:') || key.startsWith(`${name}:`) });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, () => report('port', server.address().port));

async function send(message, key) {
  if (broadcast.write(message, { key })) return;
  const stopped = setInterval(() => {
    if (broadcast.stats.waits > 0) report('stopped');
    if (broadcast.stats.waits > 0) clearInterval(stopped);
  }, 50);
  await once(broadcast, 'drain');
  clearInterval(stopped);
}

let memory;
async function begin() {
  memory = watchMemory();
  for (let round = 0; round < Number(rounds); round++) {
    for (const name of names) await send(own, `${name}:${keyOf(round)}`);
    await send(common, `all:${keyOf(round)}`);
  }
  report('done');
}

await obey({
  begin,
  count: () => report('count', broadcast.size),
  stats: () => report('stats', { ...broadcast.stats, growth: memory.growth() }),
});
