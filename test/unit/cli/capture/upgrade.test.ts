/** Where the handshake ends within a connection. */
import type { ByteStream } from '../../../../src/cli/capture/tcp.js';
import { webSocketOf } from '../../../../src/cli/capture/upgrade.js';

const REQUEST = 'GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n';
const RESPONSE = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: x\r\n\r\n';

function stream(...texts: string[]): ByteStream {
  return {
    source: 'h:1',
    missingBytes: 0,
    pieces: texts.map((text, ms) => ({ bytes: Buffer.from(text, 'latin1'), ms })),
  };
}
const rest = ({ pieces }: ByteStream) => pieces.map(({ bytes, ms }) => `${ms} ${bytes}`);

test('what follows both heads are frames, whoever spoke first, however it is cut', () => {
  const client = stream(REQUEST.slice(0, 9), `${REQUEST.slice(9)}ab`, 'c');
  const server = stream(RESPONSE, 'x');
  for (const socket of [webSocketOf([client, server]), webSocketOf([server, client])]) {
    expect(socket).toMatchObject({ request: 'GET /chat HTTP/1.1', extensions: 'x' });
    expect(socket === null ? [] : [rest(socket.client), rest(socket.server)]).toEqual([['1 ab', '2 c'], ['1 x']]);
  }
});

test('requests that came before are passed over, with their bodies', () => {
  const client = stream(`CONNECT h:80 HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\n\r\n{"a":1}${REQUEST}c`);
  const server = stream(`HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 401 No\r\n\r\nbody${RESPONSE}s`);
  const socket = webSocketOf([client, server]);
  expect(socket === null ? [] : [...rest(socket.client), ...rest(socket.server)]).toEqual(['0 c', '0 s']);
});

test.each([
  ['a refusal', REQUEST, 'HTTP/1.1 403 Forbidden\r\nUpgrade: websocket\r\n\r\n'],
  ['another protocol', 'GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n', 'HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n'],
  ['half a head', REQUEST, RESPONSE.slice(0, -2)],
  ['no request', '', RESPONSE],
  ['nothing', '', ''],
])('%s is no WebSocket', (_, client, server) => {
  expect(webSocketOf([stream(client), stream(server)])).toBeNull();
});
