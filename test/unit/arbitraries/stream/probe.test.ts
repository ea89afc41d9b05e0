import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { probe } from '../../../../src/arbitraries/stream/probe.js';
import { close, ping, pong, wireOf } from '../../../support/frames.js';
import { accepted, rawServer } from '../../../support/raw-server.js';
import { afterTest } from '../../../support/web-sockets.js';

/** A server that accepts and then sends `bytes`, and ends if told to. */
async function serving(bytes: Buffer, ends = false): Promise<string> {
  const server = await rawServer(({ socket, head }) => {
    socket.write(Buffer.concat([Buffer.from(accepted(head)), bytes]));
    if (ends) socket.end();
  });
  afterTest(() => server.close());
  return `ws://127.0.0.1:${server.port}`;
}

const PINGED = [wireOf(ping('a'), { key: Buffer.alloc(4) })];

test.each([
  ['a close frame', close(1002), 1002],
  ['a close frame without a code', close(), 1005],
])('%s is the answer, with the pongs before it', async (_, frame, closeCode) => {
  const url = await serving(Buffer.concat([wireOf(pong('a')), wireOf(frame)]));
  expect(await probe(url, PINGED, 10_000)).toEqual({ closeCode, pongs: ['61'], broken: null });
});

test('an end without a close frame is 1006', async () => {
  expect(await probe(await serving(Buffer.alloc(0), true), PINGED, 10_000)).toMatchObject({ closeCode: 1006 });
});

test('a server that says nothing in time has not closed', async () => {
  expect(await probe(await serving(Buffer.alloc(0)), PINGED, 20)).toMatchObject({ closeCode: null });
});

test('illegal frames of the server are reported', async () => {
  const url = await serving(wireOf(ping(), { key: Buffer.alloc(4) }));
  expect(await probe(url, PINGED, 10_000)).toMatchObject({
    closeCode: null,
    broken: expect.stringContaining('masked'),
  });
});

test('no WebSocket there is a HandshakeError', async () => {
  const unused = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => unused.once('listening', resolve));
  const { port } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  await expect(probe(`ws://127.0.0.1:${port}`, PINGED, 10)).rejects.toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
});
