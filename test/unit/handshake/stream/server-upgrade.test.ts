import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { HandshakeError, UsageError } from '../../../../src/errors.js';
import type { ServerUpgradeOptions } from '../../../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../../../src/handshake/stream/server-upgrade.js';
import { received } from '../../../support/received.js';
import { ACCEPTED, failure, upgraded } from '../../../support/server-upgrade.js';
import { linesWith, wireOf } from '../../../support/upgrade-request.js';

/** Before 22 Node's parser leaves a tab behind a value in place, so it does not see the upgrade that we do (measured). */
const NODE_TRIMS_TABS = Number.parseInt(process.versions.node, 10) >= 22;

let near: Duplex;
let far: Duplex;
const open: Duplex[] = [];

beforeEach(() => {
  [near, far] = duplexPair();
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy();
});

function stageOn(socket: Duplex, options?: ServerUpgradeOptions): ServerUpgrade {
  const stage = new ServerUpgrade(socket, options);
  open.push(stage);
  return stage;
}

describe('the upgrade event', () => {
  test('has the request and what was negotiated, and the 101 says the same', async () => {
    const extension = { name: 'x', parameters: [{ name: 'y', value: '1' }] };
    const stage = stageOn(near, {
      subprotocols: ['chat'],
      extensions: () => [extension],
      headers: { 'Set-Cookie': ['a=1', 'b=2'] },
    });
    const lines = linesWith({ 'Sec-WebSocket-Protocol': 'mqtt, chat', 'Sec-WebSocket-Extensions': 'x' });
    far.write(wireOf(lines), 'latin1');
    const event = await upgraded(stage);
    expect(event).toMatchObject({ subprotocol: 'chat', extensions: [extension] });
    expect(event.request.headers['sec-websocket-protocol']).toBe('mqtt, chat');
    expect(event.request.socket).toBe(near);
    stage.end();
    const answer = await received(far);
    expect(answer.split('\r\n').slice(4, 8)).toEqual([
      'Sec-WebSocket-Protocol: chat',
      'Sec-WebSocket-Extensions: x; y=1',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ]);
  });

  test('comes before the first byte is read, and a listener may destroy the stage', async () => {
    const order: string[] = [];
    const stage = stageOn(near).on('data', (chunk) => order.push(String(chunk)));
    stage.on('upgrade', () => order.push('upgrade'));
    far.end(`${wireOf()}ping`, 'latin1');
    await once(stage, 'end');
    expect(order).toEqual(['upgrade', 'ping']);
    [near, far] = duplexPair();
    const shy = stageOn(near);
    shy.on('upgrade', () => shy.destroy());
    far.write(wireOf(), 'latin1');
    await once(shy, 'close');
    expect(near.destroyed).toBe(true);
  });
});

test('writes wait for the handshake and follow the 101', async () => {
  const stage = stageOn(near);
  stage.write('one,');
  stage.write('two,');
  stage.end('three');
  await turn();
  expect(far.read()).toBeNull();
  far.write(wireOf(), 'latin1');
  expect(await received(far)).toBe(`${ACCEPTED}one,two,three`);
});

describe('a refusal is written, the socket ended, the stage destroyed', () => {
  test.each([
    ['a plain GET', wireOf([['Host', 'a']]), 426],
    [
      'a POST',
      wireOf(
        [
          ['Host', 'a'],
          ['Content-Length', '2'],
        ],
        'POST / HTTP/1.1',
      ),
      405,
    ],
    ['a foreign page', wireOf(linesWith({ Origin: 'http://evil.example' })), 403],
    ['CONNECT', wireOf([['Host', 'a']], 'CONNECT a:1 HTTP/1.1'), 405],
    [
      'an expectation',
      wireOf([
        ['Host', 'a'],
        ['Expect', '100-continue'],
      ]),
      417,
    ],
    ['HTTP/1.0', wireOf(undefined, 'GET /chat HTTP/1.0'), 505],
    ['noise', '\x16\x03\x01\x02\x00', 400],
    ['a head that is too long', wireOf(linesWith({ X: 'a'.repeat(20_000) })), 431],
    ['too many fields', wireOf([...linesWith({}), ...Array(2000).fill(['a', ''])]), 431],
  ])('%s', async (_, wire, status) => {
    const stage = stageOn(near);
    far.write(`${wire}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`, 'latin1');
    const [error, answer] = await Promise.all([failure(stage), received(far)]);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ status, code: 'ERR_WS_HANDSHAKE_REFUSED' });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^\\r]+\\r\\nConnection: close(, Upgrade)?\\r\\n`));
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    far.end();
    if (!near.closed) await once(near, 'close');
  });

  test('a write that was waiting fails with the refusal', async () => {
    const stage = stageOn(near);
    const written = new Promise((done) => stage.write('x', done));
    far.write(wireOf([['Host', 'a']]), 'latin1');
    const error = await failure(stage);
    expect(await written).toBe(error);
  });

  test('where Node and we read one head in two ways, it is refused', async () => {
    const stage = stageOn(near);
    far.write(wireOf(linesWith({ Connection: 'Upgrade\t' })), 'latin1');
    if (NODE_TRIMS_TABS) {
      expect(await upgraded(stage)).toMatchObject({ request: { url: '/chat' } });
      return;
    }
    expect(await failure(stage)).toMatchObject({ status: 400 });
    expect(await received(far)).toMatch(/does not ask for an upgrade/);
  });
});

describe('a mistake of the caller', () => {
  test.each([
    { handshakeTimeoutMs: 0 },
    { handshakeTimeoutMs: Number.NaN },
    { handshakeTimeoutMs: 2 ** 31 },
    { handshakeTimeoutMs: '1' },
    { headers: { 'X-A': 'b\r\nc' } },
    { headers: { Upgrade: 'h2c' } },
    { headers: 'X-A: b' },
    { headers: null },
    { origins: 'all' },
    { subprotocols: ['a b'] },
    { secure: 'yes' },
    'x',
    null,
  ])('the options %j throw at once, and the socket is untouched', (options) => {
    expect(() => new ServerUpgrade(near, options as ServerUpgradeOptions)).toThrow(UsageError);
    expect(['data', 'error', 'close'].map((event) => near.listenerCount(event))).toEqual([0, 0, 0]);
  });

  const boom = new Error('boom');
  const thrower = (thrown: unknown) => () => {
    throw thrown;
  };
  test.each<[string, ServerUpgradeOptions, unknown]>([
    ['origins throws', { origins: thrower(boom) }, boom],
    ['subprotocols throws', { subprotocols: thrower(boom) }, boom],
    ['extensions throws', { extensions: thrower(boom) }, boom],
    ['origins throws no error', { origins: thrower('boom') }, expect.any(UsageError)],
    ['origins is async', { origins: (async () => true) as never }, expect.any(UsageError)],
    ['subprotocols was not offered', { subprotocols: () => 'y' }, expect.any(UsageError)],
    [
      'extensions cannot be written',
      { extensions: () => [{ name: 'x', parameters: [{ name: '', value: '' }] }] },
      expect.any(UsageError),
    ],
  ])('%s: the peer gets a 500, the stage the error', async (_, options, error) => {
    const stage = stageOn(near, options);
    const lines = linesWith({
      Origin: 'http://server.example.com',
      'Sec-WebSocket-Protocol': 'x',
      'Sec-WebSocket-Extensions': 'x',
    });
    far.write(wireOf(lines), 'latin1');
    const [found, answer] = await Promise.all([failure(stage), received(far)]);
    expect(found).toEqual(error);
    expect(answer).toMatch(/^HTTP\/1\.1 500 .*The server failed\.\n$/s);
  });
});

describe('handshakeTimeoutMs', () => {
  test('over it: 408, and the stage is destroyed', async () => {
    const stage = stageOn(near, { handshakeTimeoutMs: 1 });
    far.write(wireOf().slice(0, -1), 'latin1');
    const [error, answer] = await Promise.all([failure(stage), received(far)]);
    expect(error).toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT', status: 408 });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ['an upgrade', (peer: Duplex) => peer.write(wireOf(), 'latin1'), 'upgrade'],
    ['a refusal', (peer: Duplex) => peer.write('x\r\n\r\n'), 'error'],
    ['a cut', (peer: Duplex) => peer.end('GET'), 'error'],
  ])('%s stops the timer', async (_, act, event) => {
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    const started = jest.spyOn(globalThis, 'setTimeout');
    const stage = stageOn(near, { handshakeTimeoutMs: 54_321 });
    const timer = started.mock.results[started.mock.calls.findIndex(([, ms]) => ms === 54_321)]?.value;
    act(far);
    await once(stage, event).catch(() => {});
    expect(timer).toBeDefined();
    expect(cleared).toHaveBeenCalledWith(timer);
    jest.restoreAllMocks();
  });

  test('destroying the stage stops it too; Infinity starts none', () => {
    const started = jest.spyOn(globalThis, 'setTimeout');
    stageOn(near, { handshakeTimeoutMs: Number.POSITIVE_INFINITY });
    expect(started).not.toHaveBeenCalled();
    const stage = stageOn(duplexPair()[0], { handshakeTimeoutMs: 54_321 });
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    stage.destroy();
    expect(cleared).toHaveBeenCalledWith(started.mock.results[0]?.value);
    jest.restoreAllMocks();
  });
});
