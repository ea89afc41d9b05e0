import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect } from '../../src/client.js';
import { UsageError } from '../../src/errors.js';
import { accepted } from '../support/raw-server.js';
import { turns } from '../support/streams.js';
import { afterTest, connected } from '../support/web-sockets.js';

/** A connection in memory; the other end answers a handshake when it is told to. */
function inMemory() {
  const [near, far] = duplexPair();
  let head = '';
  far.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
  });
  afterTest(() => {
    near.destroy();
    far.destroy();
  });
  return {
    near,
    far,
    accept: () => far.write(accepted(head)),
    headCame: async () => {
      while (!head.endsWith('\r\n\r\n')) await turns(1);
    },
  };
}

test('is a Duplex at once, its handshake under way', async () => {
  const { near, accept, headCame } = inMemory();
  const ws = connected('ws://in.memory/', { createConnection: () => near as never });
  expect([ws.writable, ws.readable, ws.bufferedBytes]).toEqual([true, true, 0]);
  await headCame();
  accept();
  await ws.opened;
  expect(ws.url).toBe('ws://in.memory/');
});

test('the signal destroys the socket before and after, and keeps no listener', async () => {
  const controller = new AbortController();
  const { near, accept, headCame } = inMemory();
  const ws = connected('ws://in.memory/', { createConnection: () => near as never, signal: controller.signal });
  await headCame();
  accept();
  await ws.opened;
  controller.abort();
  await ws.closed;
  expect(ws.errored?.name).toBe('AbortError');
});

test('a mistake in the options leaves nothing behind: no connection is made', async () => {
  const server = createServer();
  const seen = jest.fn();
  server.on('connection', seen).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => server.close());
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const options of [
    { readAs: 'all' },
    { closeTimeoutMs: -1 },
    { handshakeTimeoutMs: 0 },
    { subprotocols: 'a b' },
  ]) {
    expect(() => connect(url, options as never)).toThrow(UsageError);
  }
  await turns(20);
  expect(seen).not.toHaveBeenCalled();
});

test('closing a socket that never opened', async () => {
  const { near } = inMemory();
  const ws = connected('ws://in.memory/', { createConnection: () => near as never });
  ws.destroy();
  expect(await ws.close()).toEqual({ code: 1006, reason: '' });
  await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  await expect(ws.ping()).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
});
