/**
 * A network of two servers, an engine and the clients, of which one link is cut for ten seconds: nothing hangs, and what
 * comes out is what docs/backplane.md says.
 */
import { Child, Host } from './support/cluster.js';
import { type EngineName, EngineProcess } from './support/engines.js';
import { Network } from './support/network.js';

const CUT_MS = 10_000;
const PORT = 4_000;
const SPEAKERS = ['a0', 'b0'];
const NAMES = ['a0', 'a1', 'a2', 'b0', 'b1', 'b2'];

interface Heard {
  readonly name: string;
  readonly heard: readonly string[];
  readonly closeCode: number | null;
}

const impossible = Network.impossible;
if (impossible !== null) console.log(`No network namespaces here, so no link can be cut: ${impossible}`);
const withNetworks = impossible === null ? describe : describe.skip;

withNetworks.each<[EngineName, 'plain' | 'replay', string]>([
  ['nats', 'plain', 'serverB'],
  ['nats', 'replay', 'engine'],
  ['redis', 'plain', 'engine'],
  ['redis', 'replay', 'serverB'],
])('%s, %s, the link of the %s is cut', (name, mode, victim) => {
  const network = new Network('engine', 'serverA', 'serverB', 'clients');
  let engine: EngineProcess;
  let hosts: Host[] = [];
  let clients: Child;

  beforeAll(async () => {
    network.begin();
    engine = await new EngineProcess(name, PORT, network.address('engine'), network.on('engine')).start();
    hosts = ['serverA', 'serverB'].map((host) => {
      return new Host([name, `${network.address('engine')}:${PORT}`, network.address(host), mode], network.on(host));
    });
    for (const host of hosts) await host.ready();
    clients = new Child('members', [], network.on('clients'));
    const urls = { a: hosts[0]?.url, b: hosts[1]?.url };
    await clients.ask(
      'join',
      NAMES.map((one) => ({ name: one, url: one.startsWith('a') ? urls.a : urls.b })),
    );
  });

  afterAll(async () => {
    await clients?.kill();
    await Promise.all(hosts.map((host) => host.kill()));
    await engine?.end();
    network.end();
  });

  test('who is cut off hears it late, nobody misses or hears twice, nothing hangs', async () => {
    let number = 0;
    const say = async () => {
      for (const speaker of SPEAKERS) await clients.ask('say', { name: speaker, text: `${number}` });
      number++;
    };
    await say();
    network.cut(victim);
    const until = Date.now() + CUT_MS;
    while (Date.now() < until) {
      await say();
      // A line now and then, as people type.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    network.mend(victim);
    await say();
    const expected = Array.from({ length: number }, (_, at) => `${at}`);
    for (const { name: listener, heard, closeCode } of await allHeard(number * SPEAKERS.length)) {
      const lines = SPEAKERS.map((speaker) =>
        heard.filter((line) => line.startsWith(speaker)).map((line) => line.slice(4)),
      );
      expect([listener, closeCode, ...lines]).toEqual([listener, null, expected, expected]);
    }
    const said = hosts.flatMap(({ reports }) => reports).map((report) => report.name);
    expect(said.filter((one) => one !== 'port')).toEqual([]);
  });

  async function allHeard(count: number): Promise<Heard[]> {
    for (;;) {
      const all = (await clients.ask('heard')) as Heard[];
      if (all.every(({ heard }) => heard.length >= count)) return all;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
