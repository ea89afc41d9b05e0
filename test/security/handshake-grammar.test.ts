/** Threats, "Handshake and HTTP", the server's side: hostile names, values and lists. */

import { duplexPair } from 'node:stream';
import { UsageError } from '../../src/errors.js';
import { parseExtensions } from '../../src/handshake/extensions.js';
import { parseTokenList } from '../../src/handshake/field-list.js';
import { judgeRequest } from '../../src/handshake/judge-request.js';
import { acceptanceHead, refusal } from '../../src/handshake/response-head.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { answerTo, expectRefused, statusOf } from '../support/server-upgrade.js';
import { ACCEPT, headOf, headWith, KEY, linesWith, REQUIRED, wireOf } from '../support/upgrade-request.js';

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
