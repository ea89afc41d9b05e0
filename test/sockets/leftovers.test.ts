/** What is left when connections are over: nothing. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../../src/server.js';
import { turn } from '../support/streams.js';
import { connected, serving } from '../support/web-sockets.js';

const TOTAL = 1_000;
const BATCH = 50;

test('a thousand connections, opened and closed in turn, leave no handle, listener or entry', async () => {
  const http = createHttpServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server = createServer({ server: http }, (ws) => ws.pipe(ws));
  const listeners = () =>
    [http, server, process].map((one) => one.eventNames().map((name) => [name, one.listenerCount(name)]));
  const round = async () => {
    const sockets = Array.from({ length: BATCH }, () => connected(`ws://127.0.0.1:${port}`));
    await Promise.all(
      sockets.map(async (ws, at) => {
        ws.resume();
        ws.write(`${at}`);
        await ws.opened;
        // Half of them are closed, half are cut off.
        if (at % 2 === 0) await ws.close();
        else ws.destroy();
      }),
    );
  };
  await round();
  const before = { listeners: listeners(), handles: await handlesAtRest(server.connections) };
  for (let opened = BATCH; opened < TOTAL; opened += BATCH) await round();
  expect(await handlesAtRest(server.connections)).toEqual(before.handles);
  expect(listeners()).toEqual(before.listeners);
  await server.close();
  await new Promise((resolve) => http.close(resolve));
}, 60_000);

/** The kinds of handles that are left once no socket is on its way out any more. */
async function handlesAtRest(connections: ReadonlySet<unknown>): Promise<Record<string, number>> {
  for (;;) {
    const counts: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
    const { TCPSocketWrap = 0, Timeout = 0, ...rest } = counts;
    if (connections.size === 0 && TCPSocketWrap === 0) return { ...rest, timeouts: Math.min(Timeout, 2) };
    await turn();
  }
}

test('a socket that was let go keeps no timer', async () => {
  const { server, url } = await serving({}, (ws) => ws.resume());
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  for (let i = 0; i < 10; i++) {
    const ws = connected(url);
    ws.resume();
    await ws.opened;
    await ws.close();
  }
  while (server.connections.size > 0) await turn();
  for (let waited = 0; timers() > before && waited < 10_000; waited++) await turn();
  expect(timers()).toBeLessThanOrEqual(before);
});
