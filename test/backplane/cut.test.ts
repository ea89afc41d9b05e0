/**
 * Networks of two servers, an engine and the clients, of which one link is cut for ten seconds: nothing hangs, and what
 * comes out is what docs/backplane.md says. The networks have nothing in common, so several are tested at a time.
 */
import { Child, Host } from './support/cluster.js';
import { type EngineName, EngineProcess } from './support/engines.js';
import { Network } from './support/network.js';

const CUT_MS = 10_000;
const PORT = 4_000;
const SPEAKERS = ['a0', 'b0'];
const NAMES = ['a0', 'a1', 'a2', 'b0', 'b1', 'b2'];

type Mode = 'plain' | 'replay';

interface Heard {
  readonly name: string;
  readonly heard: readonly string[];
  readonly closeCode: number | null;
}

const impossible = Network.impossible;
if (impossible !== null) console.log(`No network namespaces here, so no link can be cut: ${impossible}`);
const withNetworks = impossible === null ? test.concurrent : test.skip;

const CASES = (['nats', 'redis'] as const)
  .flatMap((name) => [[name, 'plain'] as const, [name, 'replay'] as const])
  .flatMap(([name, mode]) => ['engine', 'serverB', 'clients'].map((victim) => [name, mode, victim] as const))
  .map(([name, mode, victim], number): [EngineName, Mode, string, number] => [name, mode, victim, number]);

withNetworks.each(CASES)(
  '%s, %s, the link of the %s is cut: who is cut off hears it late, nobody misses or hears twice',
  async (name, mode, victim, number) => {
    const network = new Network(number, 'engine', 'serverA', 'serverB', 'clients');
    const ending: (() => Promise<void>)[] = [];
    try {
      network.begin();
      const address = network.address('engine');
      const engine = new EngineProcess(name, PORT, address, network.on('engine'));
      ending.push(() => engine.end());
      await engine.start();
      const hosts = ['serverA', 'serverB'].map(
        (host) => new Host([name, `${address}:${PORT}`, network.address(host), mode], network.on(host)),
      );
      ending.push(...hosts.map((host) => () => host.kill()));
      for (const host of hosts) await host.ready();
      const clients = new Child('members', [], network.on('clients'));
      ending.push(() => clients.kill());
      const [a, b] = hosts.map(({ url }) => url);
      await clients.ask(
        'join',
        NAMES.map((one) => ({ name: one, url: one.startsWith('a') ? a : b })),
      );
      const lines = await talk(clients, network, victim);
      for (const { name: listener, heard, closeCode } of await allHeard(clients, lines.length * SPEAKERS.length)) {
        const said = SPEAKERS.map((one) => heard.filter((line) => line.startsWith(one)).map((line) => line.slice(4)));
        expect([listener, closeCode, ...said]).toEqual([listener, null, lines, lines]);
      }
      const reports = hosts.flatMap((host) => host.reports.map((report) => report.name));
      expect(reports.filter((one) => one !== 'port')).toEqual([]);
    } finally {
      await Promise.all(ending.map((end) => end()));
      network.end();
    }
  },
);

/** What the speakers say: before, now and then while the link is cut, as people type, and after. */
async function talk(clients: Child, network: Network, victim: string): Promise<string[]> {
  const lines: string[] = [];
  const say = async () => {
    for (const speaker of SPEAKERS) await clients.ask('say', { name: speaker, text: `${lines.length}` });
    lines.push(`${lines.length}`);
  };
  await say();
  network.cut(victim);
  const until = Date.now() + CUT_MS;
  while (Date.now() < until) {
    await say();
    await later();
  }
  network.mend(victim);
  await say();
  return lines;
}

async function allHeard(clients: Child, count: number): Promise<Heard[]> {
  for (;;) {
    const all = (await clients.ask('heard')) as Heard[];
    if (all.every(({ heard }) => heard.length >= count)) return all;
    await later();
  }
}

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}
