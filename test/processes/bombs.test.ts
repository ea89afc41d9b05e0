/**
 * Compression bombs, and thousands of sockets that are killed while something is compressed for them, against a server in
 * a process of its own, over HTTP/1.1 and HTTP/2: it answers 1009, stays small, and serves the others.
 *
 * FRAMEPIPE_FIGURES=1 prints what was measured.
 */
import { once } from 'node:events';
import { connect } from '../../src/client.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { BY_ITSELF, type Child, Children, ends } from './support/child.js';
import { figure, inMebibytes, MEBIBYTE } from './support/figures.js';

const LIMIT = MEBIBYTE;
const BOMB_MEBIBYTES = 1_024;
const TAKEOVER = 'permessage-deflate';
const NO_TAKEOVER = 'permessage-deflate; client_no_context_takeover; server_no_context_takeover';

/**
 * What a process takes besides for reasons of its own (code that is compiled, a heap that grows by pages): measured by a
 * run without bombs, and as much again as two such runs may differ.
 */
const ALLOWANCE = 2 * MEBIBYTE;

const children = new Children();
afterAll(() => children.end());

/** Over which version of HTTP everybody comes. */
const VERSIONS = ['1.1', '2'] as const;
type Version = (typeof VERSIONS)[number];

interface Site {
  readonly server: Child;
  readonly attacker: Child;
  readonly port: number;
  /** Somebody with good intentions. */
  readonly other: WebSocketDuplex;
}

async function openSite(http: Version, options: object): Promise<Site> {
  const shared = { deflate: true, maxMessageBytes: LIMIT, ...options };
  const server = children.start('deflating-host', { args: [JSON.stringify(shared), http], flags: ['--expose-gc'] });
  const attacker = children.start('bomber', { args: [http] });
  const port = await server.heard<number>('port');
  attacker.tell('port', port);
  const other = connect(`ws://127.0.0.1:${port}/echo`, { deflate: true, http });
  const site = { server, attacker, port, other };
  for (let i = 0; i < 500; i++) await isServed(site);
  return site;
}

async function isServed({ other }: Pick<Site, 'other'>): Promise<void> {
  const message = JSON.stringify({ at: performance.now(), text: 'still here, still here, still here, still here' });
  other.write(message);
  let echo: unknown = null;
  while (echo === null) echo = other.read() ?? (await once(other, 'readable').then(() => null));
  expect(echo).toBe(message);
}

async function leave({ server, attacker, other }: Site): Promise<void> {
  other.destroy();
  for (const child of [attacker, server]) child.tell('leave');
  expect(await ends(server, attacker)).toEqual([BY_ITSELF, BY_ITSELF]);
}

async function growthDuring(site: Site, act: () => Promise<unknown>): Promise<number> {
  site.server.tell('watch');
  await site.server.heard('watching');
  await act();
  site.server.tell('growth');
  return site.server.heard<number>('growth');
}

/** The close codes that so many attackers get; somebody else is served meanwhile. */
async function attack(site: Site, how: object, times = 1): Promise<(number | null)[]> {
  const answers = Array.from({ length: times }, () => {
    site.attacker.tell('attack', how);
    return site.attacker.heard<number | null>('answer');
  });
  for (let i = 0; i < 20; i++) await isServed(site);
  return Promise.all(answers);
}

/** The growth of a process that has the same visitors, with nothing bad in mind. */
async function noise(http: Version): Promise<number> {
  const site = await openSite(http, {});
  const growth = await growthDuring(site, () => attack(site, { mebibytes: 0, extension: TAKEOVER, good: 50 }));
  await leave(site);
  return growth;
}

describe.each(VERSIONS)('HTTP/%s: a bomb of 1 GiB under a limit of 1 MiB', (http) => {
  let quiet: number;
  beforeAll(async () => {
    quiet = await noise(http);
    figure(`HTTP/${http}, no bomb: +${inMebibytes(quiet)}`);
  });

  test.each([
    ['in one frame, with takeover', { extension: TAKEOVER, good: 50 }],
    ['in one frame, without takeover', { extension: NO_TAKEOVER, good: 50 }],
    ['in fragments of 1,000 bytes, with takeover', { extension: TAKEOVER, good: 50, fragmentBytes: 1_000 }],
    ['in fragments of 1,000 bytes, without takeover', { extension: NO_TAKEOVER, good: 50, fragmentBytes: 1_000 }],
  ])('%s: 1009, and memory for the limit and 1 MiB more', async (name, how) => {
    const site = await openSite(http, {});
    const growth = await growthDuring(site, async () => {
      expect(await attack(site, { mebibytes: BOMB_MEBIBYTES, ...how })).toEqual([1009]);
    });
    figure(`HTTP/${http}, ${name}: +${inMebibytes(growth)}`);
    expect(await site.server.heard('failed')).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG', closeCode: 1009 });
    expect(growth).toBeLessThan(quiet + LIMIT + MEBIBYTE + ALLOWANCE);
    await isServed(site);
    await leave(site);
  });

  test.each([
    ['then 1009', LIMIT],
    ['then all of it, where there is no such limit', 2 ** 40],
  ])('to a reader that has stopped: next to nothing until it reads on, %s', async (then, maxMessageBytes) => {
    const site = await openSite(http, { readAs: 'stream', maxMessageBytes });
    const growth = await growthDuring(site, async () => {
      site.attacker.tell('attack', { mebibytes: BOMB_MEBIBYTES, extension: TAKEOVER, path: '/stopped' });
      await site.server.heard('stopped');
      for (let i = 0; i < 200; i++) await isServed(site);
    });
    figure(`HTTP/${http}, a stopped reader, ${then}: +${inMebibytes(growth)}`);
    expect(growth).toBeLessThan(quiet + LIMIT + MEBIBYTE + ALLOWANCE);
    site.server.tell('read on');
    if (maxMessageBytes === LIMIT) expect(await site.server.heard('failed')).toMatchObject({ closeCode: 1009 });
    else expect(await site.server.heard('read')).toBe(BOMB_MEBIBYTES * MEBIBYTE);
    await isServed(site);
    await leave(site);
  });

  test('again and again, on many connections at once: what is held is a limit each', async () => {
    const site = await openSite(http, {});
    const how = { mebibytes: BOMB_MEBIBYTES, extension: TAKEOVER };
    const growth = await growthDuring(site, async () => {
      expect(new Set(await attack(site, how, 12))).toEqual(new Set([1009]));
    });
    figure(`HTTP/${http}, 12 at once: +${inMebibytes(growth)}`);
    expect(growth).toBeLessThan(quiet + 12 * (LIMIT + MEBIBYTE) + ALLOWANCE);
    await leave(site);
  });
});

describe.each(VERSIONS)('HTTP/%s', (http) => {
  test('10,000 sockets, or as many as 30 seconds have room for, killed while something is compressed for them: the others are served', async () => {
    const site = await openSite(http, { maxMessageBytes: 16 * MEBIBYTE });
    site.attacker.tell('kill', { count: 10_000, atOnce: 100, deadlineMs: 30_000 });
    let through = false;
    const killed = site.attacker.heard<number>('killed').finally(() => {
      through = true;
    });
    let served = 0;
    for (; !through; served++) await isServed(site);
    figure(`HTTP/${http}, ${await killed} sockets killed, ${served} messages of somebody else echoed meanwhile`);
    expect(await killed).toBeGreaterThan(500);
    for (let count = 0; count !== 1; ) {
      site.server.tell('count');
      count = await site.server.heard<number>('count');
    }
    await isServed(site);
    await leave(site);
  });
});
