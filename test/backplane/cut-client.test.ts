/**
 * The link to one client is cut for ten seconds in the middle of a feed: what each policy makes of it, for that client and
 * for the one next to it. Each policy has a network of its own, so all are tested at a time.
 */
import type { BroadcastStats, SlowConsumerPolicy } from '../../src/index.js';
import { Child, Host } from './support/cluster.js';
import { Network } from './support/network.js';

const CUT_MS = 10_000;

interface Heard {
  readonly heard: readonly string[];
  readonly closeCode: number | null;
}

interface Cut {
  readonly stats: BroadcastStats;
  /** What the client with the good link had heard by then. */
  readonly near: number;
}

const impossible = Network.impossible;
if (impossible !== null) console.log(`No network namespaces here, so no link can be cut: ${impossible}`);
const withNetworks = impossible === null ? test.concurrent : test.skip;

withNetworks.each<[SlowConsumerPolicy, number]>([
  ['wait', 20],
  ['drop-oldest', 21],
  ['drop-newest', 22],
  ['latest', 23],
  ['close', 24],
])('%s', async (policy, number) => {
  const network = new Network(number, 'server', 'near', 'far');
  const children: Child[] = [];
  try {
    network.begin();
    const address = network.address('server');
    const server = new Host([address, policy], network.on('server'), 'feeder', address);
    children.push(server);
    const url = (await server.ready()).url;
    const [near, far] = ['near', 'far'].map((name) => new Child('members', [], network.on(name))) as [Child, Child];
    children.push(near, far);
    for (const one of [near, far]) await one.ask('join', [{ name: 'one', url }]);
    await server.ask('begin');
    network.cut('far');
    await new Promise((resolve) => setTimeout(resolve, CUT_MS));
    const whileCut = { stats: (await server.ask('stats')) as BroadcastStats, near: (await heardBy(near)).heard.length };
    network.mend('far');
    const written = Number(await server.ask('finish'));
    const all = Array.from({ length: written }, (_, at) => `${at}`);
    expect((await until(near, ({ heard }) => heard.length >= written)).heard).toEqual(all);
    await judge(policy, whileCut, server, far, all);
  } finally {
    await Promise.all(children.map((child) => child.kill()));
    network.end();
  }
});

async function judge(policy: SlowConsumerPolicy, cut: Cut, server: Host, far: Child, all: string[]): Promise<void> {
  // The source stood still for 'wait' only, and only there the near one heard nothing for a while.
  expect([cut.stats.waits > 0, cut.stats.written < 150]).toEqual([policy === 'wait', policy === 'wait']);
  expect(cut.near).toBeGreaterThanOrEqual(cut.stats.written - 2);
  if (policy === 'close') {
    const { closeCode } = await until(far, (one) => one.closeCode !== null);
    expect([1006, 1013]).toContain(closeCode);
    expect((await server.ask('stats')) as BroadcastStats).toMatchObject({ closed: 1, dropped: 0, queuedBytes: 0 });
    return;
  }
  const counters = async () => (await server.ask('stats')) as BroadcastStats;
  const { dropped, replaced } = await counters();
  const { heard } = await until(far, (one) => one.heard.length >= all.length - dropped - replaced);
  expect(heard).toEqual(all.filter((one) => heard.includes(one)));
  expect(heard.length + dropped + replaced).toBe(all.length);
  expect([dropped > 0, replaced > 0]).toEqual([policy.startsWith('drop'), policy === 'latest']);
  if (policy !== 'drop-newest') expect(heard.at(-1)).toBe(all.at(-1));
}

async function heardBy(client: Child): Promise<Heard> {
  const [one] = (await client.ask('heard')) as Heard[];
  if (one === undefined) throw new Error('Nobody has joined.');
  return one;
}

async function until(client: Child, isEnough: (one: Heard) => boolean): Promise<Heard> {
  for (;;) {
    const one = await heardBy(client);
    if (isEnough(one)) return one;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
