import { parseClientOptions } from '../../../src/handshake/client-options.js';
import { createOffer } from '../../../src/handshake/client-request.js';
import { connectRequestFields } from '../../../src/handshake/connect-request.js';

function fieldsOf(url: string, options: Parameters<typeof parseClientOptions>[1] = {}) {
  const settings = parseClientOptions(url, options);
  return connectRequestFields(settings.target, createOffer(settings), settings.fields);
}

test('RFC 8441 §5.1: the request of the example', () => {
  const options = {
    origin: 'http://www.example.com',
    subprotocols: ['chat', 'superchat'],
    extensions: [{ name: 'permessage-deflate', parameters: [] }],
  };
  expect(fieldsOf('wss://server.example.com/chat', options)).toEqual({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'https',
    ':authority': 'server.example.com',
    ':path': '/chat',
    origin: ['http://www.example.com'],
    'sec-websocket-version': ['13'],
    'sec-websocket-protocol': ['chat, superchat'],
    'sec-websocket-extensions': ['permessage-deflate'],
  });
});

test('ws is http, Host is the authority, names are in lower case, credentials come along', () => {
  expect(fieldsOf('ws://u:p@a:81/?q', { headers: { Host: 'b', 'X-Two': ['1', '2'] } })).toEqual({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':authority': 'b',
    ':path': '/?q',
    'x-two': ['1', '2'],
    authorization: ['Basic dTpw'],
    'sec-websocket-version': ['13'],
  });
});
