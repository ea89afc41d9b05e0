import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { refusal } from '../../../../src/handshake/stream/refusal.js';
import { type RawServer, rawServer, responseHead } from '../../../support/raw-server.js';

let server: RawServer | null = null;

afterEach(() => server?.close());

async function answered(bytes: string, agent = new Agent()): Promise<IncomingMessage> {
  server = await rawServer(({ socket }) => socket.write(bytes, 'latin1'));
  const request = get({ host: '127.0.0.1', port: server.port, agent });
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const withBody = (status: string, body: string) => responseHead(status, [`Content-Length: ${body.length}`]) + body;

test.each([
  [withBody('401 Unauthorized', 'no'), undefined, 'The handshake was refused (status 401, body "no").'],
  [withBody('403 Forbidden', ''), undefined, 'The handshake was refused (status 403).'],
  [withBody('302 Found', ''), 'too many', 'The handshake was refused (status 302, reason too many).'],
  [
    withBody('500 Oops', '<p>\r\n "\xe9\x00"'),
    undefined,
    'The handshake was refused (status 500, body "<p> \\"·\\"").',
  ],
])('%j', async (bytes, reason, message) => {
  expect(await refusal(await answered(bytes), reason)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', message });
});

test('a status that means success is an invalid answer', async () => {
  expect(await refusal(await answered(withBody('200 OK', 'hello')))).toMatchObject({
    code: 'ERR_WS_HANDSHAKE_INVALID',
    status: 200,
    facts: { body: '"hello"' },
  });
});

test('1 KiB of a longer body is quoted', async () => {
  const error = await refusal(await answered(withBody('400 Bad', 'x'.repeat(100_000))));
  expect(error.facts).toEqual({ status: 400, body: `"${'x'.repeat(1024)}"` });
});

test('the socket is destroyed, even when a keep-alive agent would like to keep it', async () => {
  const agent = new Agent({ keepAlive: true });
  const response = await answered(withBody('401 Unauthorized', 'no'), agent);
  const { socket } = response;
  await refusal(response);
  expect(socket.destroyed).toBe(true);
  await once(socket, 'close');
  expect(agent.freeSockets).toEqual({});
});

test('a body that stalls is quoted as far as it came', async () => {
  const response = await answered(`${responseHead('403 Forbidden', ['Content-Length: 99'])}part`);
  const outcome = refusal(response);
  response.once('data', () => setImmediate(() => response.socket.destroy()));
  expect((await outcome).facts).toEqual({ status: 403, body: '"part"' });
});
