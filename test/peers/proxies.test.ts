/**
 * nginx and HAProxy between a client, ours and two others, and our server: everything passes through, and a connection
 * that is idle for longer than the proxy allows lives by keepalive.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type ConnectOptions, connect } from '../../src/client.js';
import type { MessageStream } from '../../src/duplex/message-stream.js';
import type { ReadAs } from '../../src/duplex/options.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { type CreateServerOptions, createServer } from '../../src/server.js';
import { ENDINGS } from './scenarios/endings.js';
import { HANDSHAKE } from './scenarios/handshake.js';
import { MESSAGES } from './scenarios/messages.js';
import { PEERS } from './support/peers.js';
import { missing, PROXIES, start, versionOf } from './support/proxies.js';
import { leave, type Row } from './support/results.js';
import { isPossible } from './support/scenario.js';
import { Stage } from './support/stage.js';

const LARGE_BYTES = 64 * 1024 * 1024;
const IDLE_SECONDS = 1;
const SCENARIOS = [...HANDSHAKE, ...MESSAGES, ...ENDINGS];
const CLIENTS = PEERS.filter(({ name }) => name === 'ws' || name === 'websockets');

const rows: Row[] = [];
afterAll(() => leave('proxies', rows));

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function* largeMessage() {
  for (let at = 0; at < 64; at++) yield Buffer.alloc(LARGE_BYTES / 64, at);
}

async function digest(message: MessageStream): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(message, hash);
  return hash.digest('hex');
}

describe.each(PROXIES.map((proxy) => [proxy.name, proxy] as const))('%s', (_, proxy) => {
  const notHere = missing(proxy);
  if (notHere !== null) {
    test.skip(`is not here: ${notHere}`, () => {});
    return;
  }
  const passed = { ws: 0, websockets: 0, large: 0, closing: 0, refusal: 0, origin: 0, idle: 0, keepalive: 0 };
  afterAll(() => {
    const { name, from, notes } = proxy;
    rows.push({ name, from, version: versionOf(proxy.command, proxy.versionFlag), role: 'proxy', passed, notes });
  });

  /** A test that counts for a column. */
  const sees = (column: keyof typeof passed, name: string, run: () => Promise<void>) =>
    test(name, async () => {
      await run();
      passed[column]++;
    });

  /** Our server behind the proxy; the answer connects to it. */
  async function behind(options: CreateServerOptions<ReadAs>, idleSeconds?: number) {
    const server = createServer(options);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port, stop } = await start(proxy, (server.address() as AddressInfo).port, idleSeconds);
    endings.push(() => server.close({ timeoutMs: 1 }), stop);
    return (path: string, more?: ConnectOptions<ReadAs>) => {
      const accepted = once(server, 'connection') as Promise<[WebSocketDuplex]>;
      const client = connect(`ws://127.0.0.1:${port}${path}`, more);
      endings.push(() => client.destroy());
      return { client, accepted };
    };
  }

  describe.each(CLIENTS.map((peer) => [peer.name, peer] as const))('the client %s through it', (name, peer) => {
    let stage: Stage;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      const puppet = await peer.start('client');
      stop = () => puppet.end();
      stage = await Stage.open('client', puppet, (port) => start(proxy, port));
    });
    afterEach(() => stage.end());
    afterAll(() => stop());

    const possible = SCENARIOS.filter((scenario) => isPossible(scenario, peer, 'client'));
    for (const scenario of possible) sees(name as 'ws' | 'websockets', scenario.name, () => scenario.run(stage, peer));
  });

  sees('large', 'a message of 64 MiB in each direction, streamed', async () => {
    const whole = createHash('sha256');
    for await (const part of largeMessage()) whole.update(part);
    const expected = whole.digest('hex');
    const settings = { readAs: 'stream', maxMessageBytes: Number.POSITIVE_INFINITY } as const;
    const dial = await behind(settings);
    const { client, accepted } = dial('/', settings);
    const [ws] = await accepted;
    for (const [from, to] of [
      [client, ws],
      [ws, client],
    ] as const) {
      from.write(largeMessage());
      const { value } = await to.iterator({ destroyOnReturn: false }).next();
      expect(await digest(value)).toBe(expected);
    }
  });

  sees('closing', 'codes and reasons pass, whichever side closes', async () => {
    const dial = await behind({});
    for (const closer of ['client', 'server']) {
      const { client, accepted } = dial('/');
      const [ws] = await accepted;
      const [near, far] = closer === 'client' ? [client, ws] : [ws, client];
      far.resume();
      near.resume().close(4001, 'bye €');
      expect(await far.closed).toMatchObject({ received: { code: 4001, reason: 'bye €' }, sent: { code: 4001 } });
      expect(await near.closed).toMatchObject({ received: { code: 4001 } });
    }
  });

  sees('refusal', 'a refusal passes with its status, reason and header fields', async () => {
    const dial = await behind({ accept: () => ({ status: 429, why: 'Later.', headers: { 'Retry-After': '7' } }) });
    const { client } = dial('/');
    await expect(client.opened).rejects.toMatchObject({
      code: 'ERR_WS_HANDSHAKE_REFUSED',
      status: 429,
      message: expect.stringContaining('Later.'),
    });
  });

  sees('origin', "origins: 'same' goes by the public Host, also when TLS ended before the proxy", async () => {
    const dial = await behind({});
    const headers = { Host: 'public.example' };
    for (const origin of ['http://public.example:80', 'https://public.example:80']) {
      await dial('/', { headers: { Host: 'public.example:80' }, origin }).client.opened;
    }
    await dial('/', { headers, origin: 'https://public.example' }).client.opened;
    const foreign = dial('/', { headers, origin: 'https://evil.example' }).client;
    await expect(foreign.opened).rejects.toMatchObject({ status: 403 });
  });

  sees('origin', 'the client is named by X-Forwarded-For', async () => {
    const dial = await behind({});
    const [ws] = await dial('/').accepted;
    expect(ws.request?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
  });

  if (proxy.name === 'nginx') {
    sees(
      'origin',
      "origins: 'same' refuses pages when nginx names the upstream as Host; a list lets them in",
      async () => {
        const page = { headers: { Host: 'public.example' }, origin: 'https://public.example' };
        const strict = await behind({});
        await expect(strict('/default/', page).client.opened).rejects.toMatchObject({ status: 403 });
        const listed = await behind({ origins: ['https://public.example'] });
        await listed('/default/', page).client.opened;
      },
    );
  }

  sees('idle', 'cuts an idle connection: both sides have 1006 and ERR_WS_CUT_OFF', async () => {
    const dial = await behind({ keepAlive: false }, IDLE_SECONDS);
    const { client, accepted } = dial('/', { keepAlive: false });
    const [ws] = await accepted;
    for (const side of [client, ws]) {
      side.resume();
      expect(await side.closed).toEqual({ code: 1006, reason: '' });
      expect(side.errored).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    }
  });

  test.each(['client', 'server'])('keepalive of the %s alone keeps it for three times as long', async (side) => {
    const keepAlive = { intervalMs: 250, timeoutMs: 10_000 };
    const dial = await behind({ keepAlive: side === 'server' && keepAlive }, IDLE_SECONDS);
    const { client, accepted } = dial('/', { keepAlive: side === 'client' && keepAlive });
    const [ws] = await accepted;
    const [pinged, other] = side === 'server' ? [client, ws] : [ws, client];
    const arrived = once(other, 'data');
    for (let pings = 0; pings < (IDLE_SECONDS * 3_000) / 250; pings++) await once(pinged.resume(), 'ping');
    pinged.write('still here');
    expect((await arrived)[0]).toBe('still here');
    passed.keepalive++;
  });
});
