/** Threats, "Handshake and HTTP", the server's side: requests that are nearly an upgrade, seen on the wire. */

import { duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import type { JudgeOptions } from '../../src/handshake/judge-request.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { wireOf as frameWire, text } from '../support/frames.js';
import { received } from '../support/received.js';
import { answerTo, expectRefused, statusOf } from '../support/server-upgrade.js';
import type { HeaderLine } from '../support/upgrade-request.js';
import { linesWith, REQUIRED, wireOf } from '../support/upgrade-request.js';
import { everyExactCut } from '../support/wire.js';

describe('fields that are missing, doubled or too many', () => {
  test.each([
    ['Host', 400, 400],
    ['Upgrade', 426, 101],
    ['Connection', 426, 101],
    ['Sec-WebSocket-Key', 400, 400],
    ['Sec-WebSocket-Version', 400, 400],
  ])('%s absent: %s, doubled: %s', async (name, absent, twice) => {
    await expectRefused(wireOf(linesWith({ [name]: null })), absent);
    const doubled = REQUIRED.flatMap((line) => (line[0] === name ? [line, line] : [line]));
    expect(statusOf(await answerTo(wireOf(doubled)))).toBe(twice);
  });

  test.each([0, 500, 990, 1000, 2000, 3000])('%s more of them never hide one', async (count) => {
    const filler: HeaderLine[] = Array(count).fill(['a', '']);
    expect(statusOf(await answerTo(wireOf([...filler, ...REQUIRED])))).toBe(count < 995 ? 101 : 431);
    expect(statusOf(await answerTo(wireOf([...REQUIRED, ...filler, ['Transfer-Encoding', 'chunked']])))).toBe(
      count < 994 ? 400 : 431,
    );
  });
});

test('a head of 20 MB in chunks of 5 KB is read up to its limit, and no further', async () => {
  const [near, far] = duplexPair();
  const stage = new ServerUpgrade(near);
  let error: unknown = null;
  stage.on('error', (found) => {
    error = found;
  });
  const answer = received(far);
  const line = `X: ${'a'.repeat(5115)}\r\n`;
  far.write('GET / HTTP/1.1\r\n');
  let sent = 0;
  for (; sent < 20_000_000 && error === null; sent += line.length) {
    far.write(line);
    await turn();
  }
  expect(error).toMatchObject({ status: 431 });
  expect(sent).toBeLessThan(40_000);
  expect(statusOf(await answer)).toBe(431);
  far.destroy();
});

describe('an upgrade with a body', () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';

  test.each([
    ['Content-Length', String(smuggled.length)],
    ['Content-Length', '1'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'identity'],
    ['Transfer-Encoding', 'gzip, chunked'],
  ])('%s: %s is refused, and what follows is not answered', async (name, value) => {
    await expectRefused(wireOf(linesWith({ [name]: value })) + smuggled, 400);
  });

  test('a length of 0 is no body', async () => {
    expect(statusOf(await answerTo(wireOf(linesWith({ 'Content-Length': '0' }))))).toBe(101);
  });

  test.each(['00', '+0', '-0', '0x0', '0, 0', ' '])('the length %j is no 0', async (value) => {
    await expectRefused(wireOf(linesWith({ 'Content-Length': value })), 400);
  });
});

describe('a refused upgrade closes: nothing is answered after it', () => {
  test.each<[string, Record<string, string>, number]>([
    ['a version we do not speak', { 'Sec-WebSocket-Version': '777' }, 426],
    ['a bad key', { 'Sec-WebSocket-Key': 'short' }, 400],
    ['another protocol', { Upgrade: 'h2c' }, 426],
    ['an expectation', { Expect: '100-continue' }, 417],
  ])('%s', async (_, changes, status) => {
    await expectRefused(wireOf(linesWith(changes)), status);
  });

  test.each(['POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE'])('method %s', async (method) => {
    const target = method === 'CONNECT' ? 'a:1' : '/chat';
    await expectRefused(wireOf(REQUIRED, `${method} ${target} HTTP/1.1`), 405);
  });
});

test.each(['http://evil.example/', 'ws://a/', '//evil.example/', '/\\evil.example', '*', '/a#b', 'chat', '/\xe9'])(
  'the target %s is refused',
  async (target) => {
    await expectRefused(wireOf(REQUIRED, `GET ${target} HTTP/1.1`), 400);
  },
);

describe('pages of other sites', () => {
  test.each([
    'http://evil.example',
    'null',
    'http://server.example.com.evil.example',
    'http://server.example.com:8080',
    'http://sub.server.example.com',
    'http://server.example.com@evil.example',
    'server.example.com',
    'file://',
    '',
  ])('%j: 403 by default', async (origin) => {
    await expectRefused(wireOf(linesWith({ Origin: origin })), 403);
  });

  test.each(['HTTP://SERVER.example.com', 'https://server.example.com', 'http://server.example.com:80'])(
    '%s is the same site',
    async (origin) => {
      expect(statusOf(await answerTo(wireOf(linesWith({ Origin: origin }))))).toBe(101);
    },
  );

  test('two Origins: 400, whatever the option', async () => {
    const lines: HeaderLine[] = [
      ...REQUIRED,
      ['Origin', 'http://server.example.com'],
      ['Origin', 'http://evil.example'],
    ];
    const origins: JudgeOptions['origins'][] = ['same', '*', ['http://evil.example'], () => true];
    for (const option of origins) await expectRefused(wireOf(lines), 400, { origins: option });
  });
});

describe('frames in the packet of the handshake', () => {
  test.each([1, 2, 5])('%s of them arrive, however the bytes are cut', async (count) => {
    const messages = Array.from({ length: count }, (_, at) => `message ${at}`);
    const frames = messages.map((message) => frameWire(text(message), { key: Buffer.from([1, 2, 3, 4]) }));
    const wire = Buffer.concat([Buffer.from(wireOf(), 'latin1'), ...frames]);
    for (const chunks of everyExactCut(wire)) {
      const [near, far] = duplexPair();
      const stage = new ServerUpgrade(near);
      const decoder = stage.pipe(new FrameDecoder({ role: 'server' }));
      for (const chunk of chunks) far.write(chunk);
      far.end();
      const found = await decoder.map(({ payload }) => String(payload)).toArray();
      expect(found).toEqual(messages);
      stage.destroy();
    }
  });
});
