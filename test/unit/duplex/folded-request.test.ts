import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { FoldedRequest } from '../../../src/duplex/folded-request.js';
import { afterTest } from '../../support/web-sockets.js';

const HEAD = [
  'GET /chat?room=%20 HTTP/1.1',
  'Host: example.com',
  'connection: Upgrade',
  'Upgrade: websocket',
  'Cookie: a=1',
  'cookie: b=2',
  'X-Empty:',
  'X-Latin: \xfc',
  'X-Twice: 1',
  'x-twice: 2',
];

/** An upgrade request as Node's own server gives it. */
async function arrived(): Promise<IncomingMessage> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  afterTest(() => {
    client.destroy();
    server.close();
  });
  client.write(Buffer.from(`${HEAD.join('\r\n')}\r\n\r\n`, 'latin1'));
  return new Promise((resolve) => {
    server.once('upgrade', (request, socket) => {
      afterTest(() => socket.destroy());
      resolve(request);
    });
  });
}

test('what comes out is what went in: every property that an IncomingMessage shows', async () => {
  const request = await arrived();
  const folded = new FoldedRequest({ subprotocol: 'chat', extensions: [] }, request);
  const unfolded = folded.request;
  expect(unfolded).not.toBe(request);
  for (const name of ['method', 'url', 'httpVersion', 'rawHeaders', 'headers', 'headersDistinct'] as const) {
    expect(unfolded[name]).toEqual(request[name]);
  }
  expect(unfolded.socket).toBe(request.socket);
  for (const name of ['httpVersionMajor', 'httpVersionMinor', 'complete', 'trailers', 'destroyed'] as const) {
    expect(unfolded[name]).toEqual(request[name]);
  }
  expect(unfolded).toMatchObject({ upgrade: true });
});

test('it is made once, so that what is written on it stays, and it has no body', async () => {
  const folded = new FoldedRequest({}, await arrived());
  expect(folded.request).toBe(folded.request);
  expect(folded.subprotocol).toBeNull();
  const chunks: unknown[] = [];
  for await (const chunk of folded.request) chunks.push(chunk);
  expect(chunks).toEqual([]);
});
