/** The section "Handshake and HTTP" of the threats that broke others: the server's side, seen on the wire. */

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { UsageError } from '../../src/errors.js';
import { parseExtensions } from '../../src/handshake/extensions.js';
import { parseTokenList } from '../../src/handshake/field-list.js';
import type { JudgeOptions } from '../../src/handshake/judge-request.js';
import { judgeRequest } from '../../src/handshake/judge-request.js';
import { acceptanceHead, refusal } from '../../src/handshake/response-head.js';
import type { ServerUpgradeOptions } from '../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { wireOf as frameWire, text } from '../support/frames.js';
import { received } from '../support/received.js';
import { socketPair } from '../support/socket-pair.js';
import type { HeaderLine } from '../support/upgrade-request.js';
import { ACCEPT, headOf, headWith, KEY, linesWith, REQUIRED, wireOf } from '../support/upgrade-request.js';
import { everyExactCut } from '../support/wire.js';

/** Everything that a server over TCP answers to `wire`, until it ends; an accepted peer is answered 'open' and an end. */
async function answerTo(wire: string, options: ServerUpgradeOptions = {}): Promise<string> {
  const { near, far } = await socketPair();
  const stage = new ServerUpgrade(near, options).on('error', () => {});
  stage.end('open');
  far.write(wire, 'latin1');
  const answer = await received(far);
  far.end();
  if (!near.closed) await Promise.race([once(near, 'close'), turn()]);
  stage.destroy();
  return answer;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

/** The request is refused with `status`, the connection is closed, and nothing that follows is answered. */
async function expectRefused(wire: string, status: number, options?: ServerUpgradeOptions): Promise<void> {
  const answer = await answerTo(`${wire}${wireOf()}`, options);
  expect(statusOf(answer)).toBe(status);
  expect(answer).toMatch(/\r\nConnection: close(, Upgrade)?\r\n/);
  expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  expect(answer).not.toContain(ACCEPT);
}

/** A string that counts how often one of its characters is looked at. */
function counted(value: string): { text: string; reads(): number } {
  let reads = 0;
  const proxy = new Proxy(Object(value), {
    get(target, property) {
      if (typeof property === 'string' && /^\d+$/.test(property)) reads += 1;
      const found: unknown = Reflect.get(target, property, target);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  return { text: proxy as string, reads: () => reads };
}

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

describe('quadratic time', () => {
  const sizes = [16_384, 65_536];
  const attacks: Record<string, (size: number) => string> = {
    spaces: (size) => ' '.repeat(size),
    'spaces in the middle': (size) => `a${' '.repeat(size)}b`,
    commas: (size) => ','.repeat(size),
    'commas and spaces': (size) => ', '.repeat(size / 2),
    'an unclosed quote': (size) => `a;b="${'x'.repeat(size)}`,
    'many unclosed quotes': (size) => 'a;b="'.repeat(size / 5),
    backslashes: (size) => `a;b="${'\\x'.repeat(size / 2)}`,
    semicolons: (size) => `a${';'.repeat(size)}`,
    'many parameters': (size) => `a${';b=c'.repeat(size / 4)}`,
    'many extensions': (size) => 'a,'.repeat(size / 2),
    'a long token': (size) => 'a'.repeat(size),
  };

  test.each(Object.entries(attacks))('%s: each character is looked at a fixed number of times', (_, attack) => {
    for (const size of sizes) {
      for (const parse of [parseTokenList, parseExtensions]) {
        const { text, reads } = counted(attack(size));
        parse(text);
        expect(reads()).toBeLessThanOrEqual(8 * size + 100);
      }
    }
  });

  test.each(['Host', 'Origin', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Protocol'])(
    '64 KiB of anything as %s is judged',
    (name) => {
      for (const attack of Object.values(attacks)) {
        const verdict = judgeRequest(headWith({ [name]: attack(65_536) }), { subprotocols: ['chat'] });
        expect(verdict.accepted ? 101 : verdict.status).toEqual(expect.any(Number));
      }
    },
  );
});

describe('names of Object.prototype', () => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'];

  test.each(names)('%s as a subprotocol, an extension, a parameter and a field', (name) => {
    const head = headOf([
      ...REQUIRED,
      ['Sec-WebSocket-Protocol', name],
      ['Sec-WebSocket-Extensions', `${name}; ${name}=${name}`],
      [name, name],
    ]);
    const plain = { accepted: true, accept: ACCEPT, subprotocol: null, extensions: [] };
    expect(judgeRequest(head)).toEqual(plain);
    expect(judgeRequest(head, { subprotocols: ['chat'] })).toEqual(plain);
    expect(judgeRequest(head, { subprotocols: [name] })).toEqual({ ...plain, subprotocol: name });
    const offered = [{ name, parameters: [{ name, value: name }] }];
    expect(judgeRequest(head, { extensions: (offers) => offers })).toEqual({ ...plain, extensions: offered });
    expect(judgeRequest(headWith({ Origin: name, Upgrade: `${name}, websocket` }), { origins: [] })).toMatchObject({
      status: 403,
    });
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

describe('CR, LF and NUL in what the caller gives', () => {
  const poison = ['a\r\nX: y', 'a\nb', 'a\rb', 'a\0b'];

  test.each(poison)('%j', (value) => {
    const [near] = duplexPair();
    expect(() => new ServerUpgrade(near, { headers: { 'X-Tag': value } })).toThrow(UsageError);
    expect(() => new ServerUpgrade(near, { headers: { [value]: 'x' } })).toThrow(UsageError);
    expect(() => new ServerUpgrade(near, { subprotocols: [value] })).toThrow(UsageError);
    expect(() => acceptanceHead({ accept: ACCEPT, subprotocol: value })).toThrow(UsageError);
    expect(() => acceptanceHead({ accept: ACCEPT, extensions: [{ name: value, parameters: [] }] })).toThrow(UsageError);
    expect(() => refusal({ status: 400, headers: { 'X-Tag': value } })).toThrow(UsageError);
    expect(() => judgeRequest(headWith({ 'Sec-WebSocket-Protocol': 'a' }), { subprotocols: () => value })).toThrow(
      UsageError,
    );
  });
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

describe('grammar, to the letter', () => {
  test.each(['13.0', '0xd', '013', '+13', '13 13', '13,13', '1e1'])('version %j is not 13', async (version) => {
    await expectRefused(wireOf(linesWith({ 'Sec-WebSocket-Version': version })), 426);
  });

  test.each([
    [`${KEY}${KEY}`],
    [KEY.slice(2)],
    [KEY.replace('==', '')],
    [KEY.replace('Q==', 'R==')],
    [KEY.replace('d', '-')],
    ['A'.repeat(24)],
    [`"${KEY}"`],
  ])('key %j is not 16 bytes in base64', async (key) => {
    await expectRefused(wireOf(linesWith({ 'Sec-WebSocket-Key': key })), 400);
  });

  test('HTTP/1.0 is refused, a missing Host too, a keep-alive next to Upgrade is not', async () => {
    await expectRefused(wireOf(REQUIRED, 'GET /chat HTTP/1.0'), 505);
    await expectRefused(wireOf(linesWith({ Host: null })), 400);
    expect(statusOf(await answerTo(wireOf(linesWith({ Connection: 'keep-alive, Upgrade' }))))).toBe(101);
  });

  test('a subprotocol that we do not speak is not echoed', async () => {
    const wire = wireOf(linesWith({ 'Sec-WebSocket-Protocol': 'chat, Superchat' }));
    for (const subprotocols of [undefined, [], ['superchat']]) {
      expect(await answerTo(wire, { subprotocols })).not.toMatch(/sec-websocket-protocol/i);
    }
  });
});

describe('bytes above 0x7f in a Sec-WebSocket field', () => {
  const names = ['Key', 'Version', 'Protocol', 'Extensions', 'Accept', 'Whatever'].map(
    (name) => `Sec-WebSocket-${name}`,
  );

  test.each(names)('%s', (name) => {
    const base = REQUIRED.find(([required]) => required === name)?.[1] ?? 'a';
    for (let byte = 0x80; byte <= 0xff; byte += 1) {
      const verdict = judgeRequest(headWith({ [name]: base + String.fromCharCode(byte) }));
      expect(verdict.accepted ? 101 : verdict.status).toBe(name.endsWith('Version') ? 426 : 400);
    }
  });

  test('on the wire', async () => {
    await expectRefused(wireOf(linesWith({ 'Sec-WebSocket-Protocol': 'ch\xe9t' })), 400);
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
