/** What a hostile server may try on a client during the handshake. */

import { duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { HandshakeError } from '../../src/errors.js';
import { type ClientOptions, parseClientOptions } from '../../src/handshake/client-options.js';
import { ClientUpgrade, type ClientUpgradeOptions } from '../../src/handshake/stream/client-upgrade.js';
import { accepted, responseHead, upgradeLines } from '../support/raw-server.js';

type Outcome = { error: HandshakeError } | { text: string; stage: ClientUpgrade };

/** What becomes of a client when the server sends `chunks`, a turn of the event loop apart, and ends. */
async function clientThatReads(
  chunks: (head: string) => readonly string[],
  options: Partial<ClientUpgradeOptions> = {},
): Promise<Outcome> {
  const [near, far] = duplexPair();
  const stage = new ClientUpgrade(near, { url: 'ws://host/', ...options });
  const read: Buffer[] = [];
  const outcome = new Promise<Outcome>((resolve) => {
    stage.on('data', (chunk) => read.push(chunk));
    stage.on('end', () => resolve({ text: Buffer.concat(read).toString('latin1'), stage }));
    stage.on('error', (error: HandshakeError) => resolve({ error }));
  });
  far.on('error', () => {});
  far.once('data', async (head) => {
    for (const chunk of chunks(String(head))) {
      far.write(chunk, 'latin1');
      await turn();
    }
    far.end();
  });
  const result = await outcome;
  stage.destroy();
  expect(near.destroyed).toBe(true);
  return result;
}

const invalid = { error: { code: 'ERR_WS_HANDSHAKE_INVALID' } };
const usage = expect.objectContaining({ code: 'ERR_WS_USAGE' });

describe('only a 101 is an upgrade', () => {
  test.each(['200 OK', '201 Created', '204 No Content'])('%s with all the right fields', async (status) => {
    const lines = (head: string) => [...upgradeLines(head), 'Content-Length: 0'];
    expect(await clientThatReads((head) => [responseHead(status, lines(head))])).toMatchObject(invalid);
  });

  test('101 over HTTP/1.0', async () => {
    const old = (head: string) => accepted(head).replace('HTTP/1.1', 'HTTP/1.0');
    expect(await clientThatReads((head) => [old(head)])).toMatchObject(invalid);
  });
});

describe('each field absent and duplicated in turn', () => {
  const without = (at: number) => (head: string) => [
    responseHead(
      '101 OK',
      upgradeLines(head).filter((_, index) => index !== at),
    ),
  ];
  const twice = (at: number) => (head: string) => [accepted(head, upgradeLines(head)[at] ?? '')];

  test.each([0, 1, 2])('line %i is missing', async (at) => {
    expect(await clientThatReads(without(at))).toMatchObject(invalid);
  });

  test.each([
    ['Upgrade', 0],
    ['Sec-WebSocket-Accept', 2],
  ])('%s occurs twice', async (_, at) => {
    expect(await clientThatReads(twice(at))).toMatchObject(invalid);
  });

  test.each([0, 1, 2])('line %i comes after 2,000 others and still counts', async (at) => {
    const padding = Array.from({ length: 2_000 }, () => 'a:');
    const padded = (head: string) =>
      responseHead('101 OK', [
        ...without(at)(head).join().split('\r\n').slice(1, 3),
        ...padding,
        upgradeLines(head)[at] ?? '',
      ]);
    expect(await clientThatReads((head) => [padded(head)])).toMatchObject({ text: '' });
  });

  test.each(['Sec-WebSocket-Accept: x', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: a'])(
    '%s hides behind 2,000 others',
    async (line) => {
      const padding = Array.from({ length: 2_000 }, () => 'a:');
      expect(await clientThatReads((head) => [accepted(head, ...padding, line)])).toMatchObject(invalid);
    },
  );
});

describe('names and bytes that were never offered', () => {
  const options = { subprotocols: ['chat'], extensions: [{ name: 'x', parameters: [] }] };
  const names = ['constructor', '__proto__', 'hasOwnProperty', 'toString'];

  test.each(names)('%s as subprotocol and as extension', async (name) => {
    for (const line of [`Sec-WebSocket-Protocol: ${name}`, `Sec-WebSocket-Extensions: ${name}`]) {
      expect(await clientThatReads((head) => [accepted(head, line)], options)).toMatchObject(invalid);
    }
  });

  test.each(names)('%s as the parameter of an extension is a name like any other', async (name) => {
    const accepts: unknown[] = [];
    const acceptExtensions: ClientOptions['acceptExtensions'] = (list) => {
      accepts.push(...list);
      return null;
    };
    const line = `Sec-WebSocket-Extensions: x; ${name}=1`;
    await clientThatReads((head) => [accepted(head, line)], { ...options, acceptExtensions });
    expect(accepts).toEqual([{ name: 'x', parameters: [{ name, value: '1' }] }]);
  });

  test.each([['Accept'], ['Protocol'], ['Extensions']])('bytes 0x80 to 0xff in Sec-WebSocket-%s', async (field) => {
    const good = { Protocol: 'chat', Extensions: 'x' }[field] ?? '';
    for (let byte = 0x80; byte <= 0xff; byte++) {
      const line = `Sec-WebSocket-${field}: ${good}${String.fromCharCode(byte)}`;
      const { error } = (await clientThatReads((head) => [accepted(head, line)], options)) as { error: Error };
      expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID' });
      expect(error.message).toMatch(/^[\x20-\x7e·]+$/);
    }
  });

  test.each([' ', ',', '"', 'x;', 'x; a="\\', ',x'])('12,000 characters of %j', async (part) => {
    const value = part.repeat(12_000 / part.length);
    const line = `Sec-WebSocket-Extensions: x${value}`;
    const outcome = await clientThatReads((head) => [accepted(head, line)], options);
    expect(outcome).toMatchObject(part === ',' || part === ' ' ? { text: '' } : invalid);
  });
});

describe('CR, LF and NUL in what the caller gives', () => {
  const places: Record<string, (text: string) => unknown> = {
    url: (text) => parseClientOptions(`ws://host/a${text}b`),
    'the name of a header': (text) => parseClientOptions('ws://host', { headers: { [`a${text}b`]: 'c' } }),
    'the value of a header': (text) => parseClientOptions('ws://host', { headers: { a: `b${text}c` } }),
    'one of several values': (text) => parseClientOptions('ws://host', { headers: { a: ['b', `${text}c`] } }),
    origin: (text) => parseClientOptions('ws://host', { origin: `https://a${text}` }),
    'a subprotocol': (text) => parseClientOptions('ws://host', { subprotocols: [`a${text}`] }),
    'an extension': (text) => parseClientOptions('ws://host', { extensions: [{ name: `a${text}`, parameters: [] }] }),
    'user information': (text) => parseClientOptions(`ws://${encodeURIComponent(`a${text}`)}:b@host`),
    'a Unix socket': (text) => parseClientOptions(`ws+unix:/a${encodeURIComponent(text)}`),
  };

  test.each(Object.keys(places))('%s', (place) => {
    for (const text of ['\r', '\n', '\0', '\r\nX: y', '\r\n\r\n']) expect(() => places[place]?.(text)).toThrow(usage);
  });
});

describe('the size of an answer', () => {
  test('a head of 20 MB in chunks of 5 KB is cut off early', async () => {
    let sent = 0;
    const [near, far] = duplexPair();
    const stage = new ClientUpgrade(near, { url: 'ws://host/' });
    const failed = new Promise<Error>((resolve) => stage.on('error', resolve));
    far.on('error', () => {}).resume();
    far.write('HTTP/1.1 101 OK\r\nX: ');
    while (!near.destroyed && sent < 20e6) {
      far.write('x'.repeat(5_000));
      sent += 5_000;
      await turn();
    }
    expect(await failed).toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID', cause: { code: 'HPE_HEADER_OVERFLOW' } });
    expect(sent).toBeLessThan(100_000);
  });

  test('a body without an end is cut off early, too', async () => {
    let sent = 0;
    const endless = function* () {
      yield responseHead('503 Busy', ['Connection: close']);
      for (; sent < 1e6; sent += 500) yield 'x'.repeat(500);
    };
    const outcome = await clientThatReads(() => endless() as unknown as readonly string[]);
    expect(outcome).toMatchObject({ error: { status: 503 } });
    expect(sent).toBeLessThan(100_000);
  });
});

describe('frames in the packet of the handshake', () => {
  // RFC 6455 §5.7: unmasked "Hello"; a ping; an empty binary frame.
  const frames = ['\x81\x05Hello', '\x89\x00', '\x82\x00'];

  test.each([1, 2, 3])('%i of them, cut at every byte', async (count) => {
    const tail = frames.slice(0, count).join('');
    const { length } = accepted('') + tail;
    for (let at = 0; at <= length; at++) {
      const cut = (head: string) => {
        const wire = accepted(head) + tail;
        return [wire.slice(0, at), wire.slice(at)].filter((part) => part !== '');
      };
      expect(await clientThatReads(cut)).toMatchObject({ text: tail });
    }
  });

  test('one byte at a time', async () => {
    const bytes = (head: string) => [...(accepted(head) + frames.join(''))];
    expect(await clientThatReads(bytes)).toMatchObject({ text: frames.join('') });
  });
});
