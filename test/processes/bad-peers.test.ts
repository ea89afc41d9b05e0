/**
 * A server without a single listener, in a process of its own, and a raw TCP client that breaks every rule: the server
 * answers with the close code of the violation, prints nothing and lives on.
 */
import { VIOLATIONS, type ViolationName } from '../../src/errors.js';
import { BY_ITSELF, type Child, Children, ends } from './support/child.js';

const MEBIBYTE = 1024 * 1024;
const zeros = (bytes: number) => '00'.repeat(bytes);
const KEY = zeros(4);

/** What breaks each rule that a server can see broken, masked with a key of zeros. */
const WIRES: Partial<Record<ViolationName, string | string[]>> = {
  RESERVED_OPCODE: `8380${KEY}`,
  RESERVED_BIT: `c180${KEY}`,
  MASK_MISSING: '8100',
  LENGTH_NOT_MINIMAL: `81fe0001${KEY}41`,
  LENGTH_SIGN_BIT: `82ff8000000000000000${KEY}`,
  CONTROL_FRAGMENTED: `0980${KEY}`,
  CONTROL_TOO_LONG: `89fe007e${KEY}`,
  CONTINUATION_UNEXPECTED: `8080${KEY}`,
  CONTINUATION_EXPECTED: `0181${KEY}41${`8181${KEY}41`}`,
  CLOSE_TRUNCATED: `8881${KEY}03`,
  CLOSE_CODE_INVALID: `8882${KEY}03ee`,
  INVALID_UTF8: `8181${KEY}ff`,
  FRAME_TOO_BIG: `82ff0000000001000001${KEY}`,
  MESSAGE_TOO_BIG: [`02ff0000000000a00000${KEY}`, zeros(10 * MEBIBYTE), `80ff0000000000a00000${KEY}`],
};

const NO_WEBSOCKET = {
  'no HTTP at all': '\x16\x03\x01\x02\x00 no HTTP\r\n\r\n',
  'no upgrade': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'no key':
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
  'half a request': 'GET / HTTP/1.1\r\nHost: x\r\nConn',
};

const children = new Children();
let server: Child;
let attacker: Child;

beforeAll(async () => {
  server = children.start('silent-server');
  attacker = children.start('attacker');
  attacker.tell('port', await server.heard('port'));
});

afterAll(() => children.end());

const attack = (with_: { wire: string | string[]; head?: string; end?: 'half-close' | 'reset' }): Promise<string> => {
  attacker.tell('attack', with_);
  return attacker.heard<string>('answer');
};

test.each(Object.entries(WIRES))('%s is answered with its close code', async (name, wire) => {
  const answer = Buffer.from(await attack({ wire }), 'hex');
  expect(answer[0]).toBe(0x88);
  expect(answer.readUInt16BE(2)).toBe(VIOLATIONS[name as ViolationName].close);
});

test.each(Object.entries(WIRES))('%s and a reset: nobody to tell', async (_, wire) => {
  await attack({ wire, end: 'reset' });
});

test.each(['81', `8185${KEY}4142`, `0181${KEY}41`])('a FIN behind %s', async (wire) => {
  expect(await attack({ wire, end: 'half-close' })).toBe('');
});

test.each(Object.entries(NO_WEBSOCKET))('%s', async (_, head) => {
  expect(Buffer.from(await attack({ head, wire: '', end: 'half-close' }), 'hex').toString()).not.toContain(' 101 ');
});

// Stays last: what came before must have left a server that works and that has printed nothing.
test('the server still answers a ping and a close, has printed nothing, and ends by itself', async () => {
  const [pong, close] = ['8a0141', '880203e8'];
  expect(await attack({ wire: `8981${KEY}41${`8882${KEY}03e8`}` })).toBe(pong + close);
  for (const child of [attacker, server]) child.tell('leave');
  expect(await ends(server, attacker)).toEqual([BY_ITSELF, BY_ITSELF]);
});
