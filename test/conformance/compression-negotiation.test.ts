/** RFC 7692 §5 and §7.1: which offers a server accepts and how, what a client offers, which answers it refuses. */
import { once } from 'node:events';
import type { DeflateOptions } from '../../src/deflate/options.js';
import { readMessages } from '../support/deflate.js';
import { text } from '../support/frames.js';
import { accepted, field, rawServer } from '../support/raw-server.js';
import { rawTo, upgrade } from '../support/raw-upgrade.js';
import { afterTest, connected, serving } from '../support/web-sockets.js';
import { meet } from './support/meeting.js';

const FIELD = 'Sec-WebSocket-Extensions';
const LONG = 'a message that is long enough to be compressed. '.repeat(20);

/** What our server answers to these offers, in one field line each. */
async function answerTo(options: boolean | DeflateOptions, ...offers: readonly string[]): Promise<string[]> {
  const { port } = await serving({ deflate: options });
  const [first = '', ...more] = offers;
  const lines = more.map((offer) => `${FIELD}: ${offer}\r\n`).join('');
  const socket = rawTo(port, upgrade('/', { [FIELD]: first }).replace(/\r\n$/, `${lines}\r\n`));
  let head = '';
  while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data'))[0]);
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  return field(head, FIELD);
}

/** What our client offers, and what becomes of it when that is answered so. */
async function answered(options: boolean | DeflateOptions, answer: string) {
  const server = await rawServer(({ socket, head }) => socket.write(accepted(head, `${FIELD}: ${answer}`)));
  afterTest(() => server.close());
  const ws = connected(`ws://127.0.0.1:${server.port}`, { deflate: options });
  const outcome = await ws.opened.then(
    () => 'opened',
    ({ code }: { code: string }) => code,
  );
  return { outcome, offer: field(server.requests[0]?.head ?? '', FIELD), extensions: ws.extensions };
}

describe('§7 a server declines', () => {
  test.each([
    ['a parameter that is not defined', 'permessage-deflate; mystery'],
    ['a parameter that is defined elsewhere', 'permessage-deflate; constructor'],
    ['a value where none belongs', 'permessage-deflate; server_no_context_takeover=1'],
    ['a value where none belongs, of the client', 'permessage-deflate; client_no_context_takeover=true'],
    ['no value where one belongs', 'permessage-deflate; server_max_window_bits'],
    ['a window that is too small', 'permessage-deflate; server_max_window_bits=7'],
    ['a window that is too large', 'permessage-deflate; client_max_window_bits=16'],
    ['a leading zero', 'permessage-deflate; server_max_window_bits=08'],
    ['a value that is not decimal', 'permessage-deflate; client_max_window_bits=0xf'],
    ['a parameter twice', 'permessage-deflate; client_no_context_takeover; client_no_context_takeover'],
    ['a parameter twice with two values', 'permessage-deflate; server_max_window_bits=9; server_max_window_bits=10'],
  ])('§7 %s', async (_, offer) => {
    expect(await answerTo(true, offer)).toEqual([]);
    expect(await answerTo(true, `${offer}, permessage-deflate`)).toEqual(['permessage-deflate']);
    expect(await answerTo(true, offer, 'permessage-deflate')).toEqual(['permessage-deflate']);
  });

  test('§5 every offer, when it was not told to compress, and goes on without', async () => {
    expect(await answerTo(false, 'permessage-deflate')).toEqual([]);
    expect(await answerTo(true, 'permessage-bzip2, x-unknown; a=1')).toEqual([]);
  });
});

describe('a server accepts', () => {
  test.each<[string, DeflateOptions, string, string]>([
    [
      '§5 the first offer that is legal',
      {},
      'x-a, permessage-deflate; server_max_window_bits=9, permessage-deflate',
      'permessage-deflate; server_max_window_bits=9',
    ],
    [
      '§7.1.1.1 server_no_context_takeover when it is asked',
      {},
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate; server_no_context_takeover',
    ],
    [
      '§7.1.1.1 server_no_context_takeover unasked',
      { serverNoContextTakeover: true },
      'permessage-deflate',
      'permessage-deflate; server_no_context_takeover',
    ],
    [
      '§7.1.1.2 client_no_context_takeover as the client hinted',
      {},
      'permessage-deflate; client_no_context_takeover',
      'permessage-deflate; client_no_context_takeover',
    ],
    [
      '§7.1.1.2 client_no_context_takeover unasked',
      { clientNoContextTakeover: true },
      'permessage-deflate',
      'permessage-deflate; client_no_context_takeover',
    ],
    [
      '§7.1.2.1 server_max_window_bits with the same value',
      {},
      'permessage-deflate; server_max_window_bits=8',
      'permessage-deflate; server_max_window_bits=8',
    ],
    [
      '§7.1.2.1 server_max_window_bits with a smaller value',
      { serverMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=15',
      'permessage-deflate; server_max_window_bits=10',
    ],
    [
      '§7.1.2.2 client_max_window_bits that was offered without a value',
      { clientMaxWindowBits: 9 },
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=9',
    ],
    [
      '§7.1.2.2 client_max_window_bits that was offered with a value',
      { clientMaxWindowBits: 15 },
      'permessage-deflate; client_max_window_bits=10',
      'permessage-deflate; client_max_window_bits=10',
    ],
    [
      '§7.1.2.2 an offer without client_max_window_bits, and does not name it',
      { clientMaxWindowBits: 9 },
      'permessage-deflate',
      'permessage-deflate',
    ],
    [
      '§7.1.3 a value in quotes',
      {},
      'permessage-deflate; server_max_window_bits="10"',
      'permessage-deflate; server_max_window_bits=10',
    ],
  ])('%s', async (_, options, offer, answer) => {
    expect(await answerTo(options, offer)).toEqual([answer]);
  });
});

describe('a client', () => {
  test.each<[string, boolean | DeflateOptions, string[]]>([
    ['§5 offers nothing unless it was told to compress', false, []],
    ['§7.1.2.2 says that its window may be limited', true, ['permessage-deflate; client_max_window_bits']],
    [
      '§7.1.2 asks for windows',
      { serverMaxWindowBits: 9, clientMaxWindowBits: 10 },
      ['permessage-deflate; server_max_window_bits=9; client_max_window_bits=10'],
    ],
    [
      '§7.1.1 asks for no context takeover',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      ['permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits'],
    ],
  ])('%s', async (_, options, offer) => {
    const server = await rawServer(({ socket, head }) => socket.write(accepted(head)));
    afterTest(() => server.close());
    const ws = connected(`ws://127.0.0.1:${server.port}`, { deflate: options });
    await ws.opened;
    expect([field(server.requests[0]?.head ?? '', FIELD), ws.extensions]).toEqual([offer, []]);
  });

  test.each<[string, DeflateOptions, string]>([
    ['§7.1.3 without parameters', {}, 'permessage-deflate'],
    [
      '§7.1.1.1 server_no_context_takeover that it did not ask for',
      {},
      'permessage-deflate; server_no_context_takeover',
    ],
    [
      '§7.1.1.2 client_no_context_takeover that it did not hint at',
      {},
      'permessage-deflate; client_no_context_takeover',
    ],
    ['§7.1.2.1 server_max_window_bits that it did not ask for', {}, 'permessage-deflate; server_max_window_bits=8'],
    [
      '§7.1.2.1 server_max_window_bits smaller than it asked',
      { serverMaxWindowBits: 12 },
      'permessage-deflate; server_max_window_bits=9',
    ],
    ['§7.1.2.2 client_max_window_bits', {}, 'permessage-deflate; client_max_window_bits=8'],
    [
      '§7.2.2 client_max_window_bits larger than it hinted',
      { clientMaxWindowBits: 9 },
      'permessage-deflate; client_max_window_bits=15',
    ],
  ])('accepts an answer: %s', async (_, options, answer) => {
    const { outcome, extensions } = await answered(options, answer);
    expect([outcome, extensions.map(({ name }) => name)]).toEqual(['opened', ['permessage-deflate']]);
  });

  test.each<[string, boolean | DeflateOptions, string]>([
    ['§5 that it did not offer', false, 'permessage-deflate'],
    ['§5 of another extension', true, 'permessage-bzip2'],
    ['§5 twice', true, 'permessage-deflate, permessage-deflate'],
    ['§5 with another extension that has RSV1', true, 'permessage-deflate, x-webkit-deflate-frame'],
    ['§7 with a parameter that is not defined', true, 'permessage-deflate; mystery'],
    ['§7 with a value where none belongs', true, 'permessage-deflate; server_no_context_takeover=1'],
    ['§7 with a window that is too large', true, 'permessage-deflate; server_max_window_bits=16'],
    ['§7 with a leading zero', true, 'permessage-deflate; server_max_window_bits=09'],
    ['§7 with a parameter twice', true, 'permessage-deflate; server_no_context_takeover; server_no_context_takeover'],
    [
      '§7 without the server_no_context_takeover that it asked for',
      { serverNoContextTakeover: true },
      'permessage-deflate',
    ],
    [
      '§7 with a larger window than it asked for',
      { serverMaxWindowBits: 9 },
      'permessage-deflate; server_max_window_bits=10',
    ],
    ['§7.1.2.2 with client_max_window_bits without a value', true, 'permessage-deflate; client_max_window_bits'],
  ])('refuses an answer: %s', async (_, options, answer) => {
    expect((await answered(options, answer)).outcome).toBe('ERR_WS_HANDSHAKE_INVALID');
  });
});

test.each(['server', 'client'] as const)('§5 without an agreement messages go out as they are, as %s', async (role) => {
  const { ws, peer } = await meet(role, { deflate: true });
  ws.on('data', (message) => ws.write(message));
  peer.send(text(LONG));
  await peer.until(() => peer.frames.length > 0);
  expect(readMessages(peer.frames)).toEqual([{ type: 'text', payload: Buffer.from(LONG), compressed: false }]);
});
