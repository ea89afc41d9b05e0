/** Three server processes, one engine, 300 clients: what one says, all hear, once and in order. */

import { freePort } from '../support/free-port.js';
import { Host, Member } from './support/cluster.js';
import { type EngineName, EngineProcess } from './support/engines.js';

const HOSTS = 3;
const MEMBERS = 300;

describe.each<[EngineName, 'plain' | 'replay']>([
  ['nats', 'plain'],
  ['nats', 'replay'],
  ['redis', 'plain'],
  ['redis', 'replay'],
])('%s, %s', (name, mode) => {
  let engine: EngineProcess;
  let hosts: Host[] = [];
  let members: Member[] = [];

  beforeAll(async () => {
    engine = await new EngineProcess(name, await freePort()).start();
    hosts = Array.from({ length: HOSTS }, () => new Host([name, `127.0.0.1:${engine.port}`, '127.0.0.1', mode]));
    for (const host of hosts) await host.ready();
    const urls = Array.from({ length: MEMBERS }, (_, at) => hosts[at % HOSTS]?.url ?? '');
    members = await Promise.all(urls.map((url, at) => Member.join(url, `member ${at}`)));
  });

  afterAll(async () => {
    for (const member of members) member.leave();
    await Promise.all(hosts.map((host) => host.kill()));
    await engine?.end();
  });

  test('every message to every client, once, in the order of its sender', async () => {
    const texts = ['one', 'two', 'three', 'four'];
    for (const text of texts) for (const member of members) member.say(text);
    const expected = new Map(members.map((member) => [member.name, texts]));
    for (const member of members) {
      await member.until((heard) => heard.length >= MEMBERS * texts.length);
      expect(member.heardExcept()).toEqual(expected);
    }
  });

  test('the engine is killed and restarted in the middle', async () => {
    const speakers = members.slice(0, 9);
    for (const member of members) member.heard.length = 0;
    const texts = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    for (const [at, text] of texts.entries()) {
      for (const speaker of speakers) speaker.say(text);
      if (at === 20) {
        await engine.kill();
        await engine.start();
      }
    }
    if (mode === 'replay') {
      const expected = new Map(speakers.map((speaker) => [speaker.name, texts]));
      for (const member of members) {
        await member.until((heard) => heard.length >= speakers.length * texts.length);
        expect(member.heardExcept()).toEqual(expected);
      }
      expect(hosts.flatMap(({ reports }) => reports).filter((report) => report.name !== 'port')).toEqual([]);
      return;
    }
    for (const host of hosts) await host.said('gap');
    // What is said once everybody is back is heard by all; what was lost was not heard twice by anybody.
    const last = speakers[0] as Member;
    const saying = setInterval(() => last.say('again'), 50);
    for (const member of members) await member.until((heard) => heard.includes(`${last.name}: again`));
    clearInterval(saying);
    for (const member of members) {
      for (const said of member.heardExcept('again').values()) {
        const lines = said.map((text) => Number(text.slice(5)));
        expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
      }
    }
  });

  test('a server process that is killed takes its own clients with it, and nobody else', async () => {
    for (const member of members) member.heard.length = 0;
    const [lost, left] = [members.filter((_, at) => at % HOSTS === 0), members.filter((_, at) => at % HOSTS !== 0)];
    await hosts[0]?.kill();
    while (lost.some(({ closeCode }) => closeCode === null)) await new Promise((resolve) => setImmediate(resolve));
    const texts = ['still', 'here'];
    for (const text of texts) for (const member of left) member.say(text);
    const expected = new Map(left.map((member) => [member.name, texts]));
    for (const member of left) {
      await member.until(
        (heard) => heard.filter((line) => /still|here/.test(line)).length >= left.length * texts.length,
      );
      // What was said before the engine went may still come, late.
      const late = (text: string) => /^(line \d+|again)$/.test(text);
      const heard = [...member.heardExcept()].map(
        ([from, said]) => [from, said.filter((text) => !late(text))] as const,
      );
      expect(new Map(heard.filter(([, said]) => said.length > 0))).toEqual(expected);
    }
    expect(lost.map(({ closeCode }) => closeCode)).toEqual(lost.map(() => 1006));
    expect(left.every(({ closeCode }) => closeCode === null)).toBe(true);
  });
});
