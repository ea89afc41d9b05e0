/** What is left when connections are over: nothing. Handles and memory are counted in test/processes/crowd.test.ts. */
import { type EventEmitter, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../../src/server.js';
import { turn } from '../support/streams.js';
import { afterTest, connected, serving } from '../support/web-sockets.js';

const TOTAL = 1_000;
const BATCH = 50;

test('a thousand connections, opened and closed in turn, leave no listener and no entry', async () => {
  const http = createHttpServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  afterTest(() => http.close());
  const server = createServer({ server: http }, (ws) => ws.pipe(ws));
  const listeners = () =>
    [http, server, process].map((one: EventEmitter) => one.eventNames().map((name) => [name, one.listenerCount(name)]));
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
  const before = listeners();
  for (let opened = BATCH; opened < TOTAL; opened += BATCH) await round();
  while (server.connections.size > 0) await turn();
  expect(listeners()).toEqual(before);
  await server.close();
}, 60_000);

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
  for (let waited = 0; timers() > before && waited < 100_000; waited++) await turn();
  expect(timers()).toBeLessThanOrEqual(before);
});
