import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex, duplexPair, PassThrough, pipeline, Transform } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Duplex as UserlandDuplex } from 'readable-stream';
import { FrameDecoder } from '../../../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../../../src/codec/stream/frame-encoder.js';
import { ConnectionError, HandshakeError, UsageError } from '../../../../src/errors.js';
import { acceptanceHead } from '../../../../src/handshake/response-head.js';
import type { ServerUpgradeEvent, ServerUpgradeOptions } from '../../../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../../../src/handshake/stream/server-upgrade.js';
import { TLS } from '../../../support/raw-server.js';
import { received } from '../../../support/received.js';
import { socketPair } from '../../../support/socket-pair.js';
import { ACCEPT, linesWith, wireOf } from '../../../support/upgrade-request.js';

const ACCEPTED = acceptanceHead({ accept: ACCEPT }).toString('latin1');
/** RFC 6455 §5.7: a masked text frame, "Hello". */
const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex').toString('latin1');
const HELLO_BACK = `\x81\x05Hello`;

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

const upgraded = async (stage: ServerUpgrade) => (await once(stage, 'upgrade'))[0] as ServerUpgradeEvent;
const failure = async (stage: Duplex) => (await once(stage, 'error').catch((error) => [error]))[0] as Error;

async function echoed(stage: ServerUpgrade, peer: Duplex): Promise<string> {
  pipeline(stage, new FrameDecoder({ role: 'server' }), new FrameEncoder({ role: 'server' }), stage, () => {});
  peer.end(wireOf() + HELLO, 'latin1');
  return received(peer);
}

describe('the stage wraps any Duplex of bytes', () => {
  test('one end of an in-memory pair', async () => {
    expect(await echoed(stageOn(near), far)).toBe(ACCEPTED + HELLO_BACK);
  });

  test('a Duplex of readable-stream', async () => {
    const incoming = new PassThrough();
    const outgoing = new PassThrough();
    const socket = new UserlandDuplex({
      read: () => incoming.resume(),
      write: (chunk, encoding, done) => void outgoing.write(chunk, encoding as BufferEncoding, done),
      final: (done) => void outgoing.end(done),
    });
    incoming.on('data', (chunk) => socket.push(chunk) || incoming.pause()).on('end', () => socket.push(null));
    const stage = stageOn(socket as unknown as Duplex);
    stage.pipe(stage);
    incoming.end(`${wireOf()}ping`, 'latin1');
    expect(await received(outgoing)).toBe(`${ACCEPTED}ping`);
  });

  test('a TCP socket, which gets neither a delay nor a timeout', async () => {
    const pair = await socketPair();
    const stage = stageOn(pair.near);
    pair.near.setTimeout(1000);
    const noDelay = jest.spyOn(pair.near, 'setNoDelay');
    expect(await echoed(stage, pair.far)).toBe(ACCEPTED + HELLO_BACK);
    expect(noDelay).toHaveBeenCalledWith(true);
    expect(pair.near.timeout).toBe(0);
  });

  test('a TLS socket, where an http page is a foreign one', async () => {
    const statuses: unknown[] = [];
    const server = createTlsServer(TLS, (socket) => {
      const stage = stageOn(socket).on('error', (error: HandshakeError) => statuses.push(error.status));
      stage.pipe(stage);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const answers = ['https', 'http'].map(async (scheme) => {
      const peer = tlsConnect({ port, host: '127.0.0.1', ca: TLS.cert });
      peer.end(`${wireOf(linesWith({ Origin: `${scheme}://server.example.com` }))}ping`, 'latin1');
      return received(peer);
    });
    const [same = '', foreign = ''] = await Promise.all(answers);
    expect(same).toBe(`${ACCEPTED}ping`);
    expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
    expect(statuses).toEqual([403]);
    await new Promise((closed) => server.close(closed));
  });
});

describe('fromRequest', () => {
  async function serve(options?: ServerUpgradeOptions, spoil: (socket: Duplex) => void = () => {}): Promise<Duplex> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.once('upgrade', (request, socket, head) => {
      const stage = ServerUpgrade.fromRequest(request, socket, head, options).on('error', () => {});
      open.push(stage);
      stage.pipe(stage);
      spoil(socket);
      server.close();
    });
    return connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  }

  test('takes the arguments of an http.Server’s upgrade event, frames in the head included', async () => {
    const peer = await serve();
    peer.end(`${wireOf()}ping`, 'latin1');
    expect(await received(peer)).toBe(`${ACCEPTED}ping`);
  });

  test('judges as the stage does', async () => {
    const peer = await serve();
    peer.end(wireOf(linesWith({ Origin: 'http://evil.example' })), 'latin1');
    expect(await received(peer)).toMatch(/^HTTP\/1\.1 403 .*Connection: close\r\n/s);
  });

  test('fails when the socket is gone by then', async () => {
    near.destroy();
    const request = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: [] } as unknown as IncomingMessage;
    const stage = ServerUpgrade.fromRequest(request, near, Buffer.alloc(0));
    expect(await failure(stage)).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test('does nothing when the stage is destroyed by then', async () => {
    const judged = jest.fn(() => true);
    const stage = ServerUpgrade.fromRequest({} as IncomingMessage, near, Buffer.alloc(0), { origins: judged });
    stage.destroy();
    await once(stage, 'close');
    expect(judged).not.toHaveBeenCalled();
    expect(near.destroyed).toBe(true);
  });
});

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
    // Node's parser does not trim a tab here (measured on Node 20), so it does not see the upgrade.
    far.write(wireOf(linesWith({ Connection: 'Upgrade\t' })), 'latin1');
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

describe('a connection that goes', () => {
  test.each([
    ['ends', () => far.end('GET / HT')],
    ['closes', () => near.destroy()],
    ['fails', () => near.destroy(new Error('reset'))],
  ])('%s in the middle of the head: cut off', async (_, go) => {
    const stage = stageOn(near);
    far.write(wireOf().slice(0, 30));
    await turn();
    go();
    const error = await failure(stage);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(error.cause ?? null).toBe(near.errored);
    expect(near.destroyed).toBe(true);
  });

  test('a peer that resets in the middle of the head, over TCP', async () => {
    const pair = await socketPair();
    const stage = stageOn(pair.near);
    pair.far.write('GET / HT', () => (pair.far as Socket).resetAndDestroy());
    expect(await failure(stage)).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test('after the upgrade a close without an end is an error, not an end', async () => {
    const stage = stageOn(near);
    far.write(wireOf(), 'latin1');
    await upgraded(stage);
    const ended = jest.fn();
    stage.on('end', ended).resume();
    near.destroy();
    expect(await failure(stage)).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(ended).not.toHaveBeenCalled();
  });

  test('was gone before the stage came', async () => {
    near.destroy();
    expect(await failure(stageOn(near))).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });
});

describe('destroying the stage destroys the socket', () => {
  test.each([
    ['before anything', async () => {}],
    ['in the middle of the head', async () => void far.write(wireOf().slice(0, 30), 'latin1')],
    [
      'after the upgrade',
      async (stage: ServerUpgrade) => {
        far.write(wireOf(), 'latin1');
        await upgraded(stage);
      },
    ],
  ])('%s', async (_, before) => {
    const stage = stageOn(near);
    await before(stage);
    await turn();
    stage.destroy();
    await once(stage, 'close');
    expect(near.destroyed).toBe(true);
    expect(near.errored).toBeNull();
  });
});

describe('the same stage first and last in a pipeline', () => {
  const run = (...between: Duplex[]) => {
    const stage = stageOn(near);
    const calls: (Error | null | undefined)[] = [];
    const done = new Promise<void>((resolve) => {
      const streams = [
        stage,
        new FrameDecoder({ role: 'server' }),
        ...between,
        new FrameEncoder({ role: 'server' }),
        stage,
      ];
      pipeline(streams, (error) => {
        calls.push(error);
        setImmediate(resolve);
      });
    });
    return { stage, done, calls };
  };

  test('both sides end: it is done once, without an error', async () => {
    const { done, calls } = run(new PassThrough({ objectMode: true }));
    far.end(wireOf() + HELLO, 'latin1');
    expect(await received(far)).toBe(ACCEPTED + HELLO_BACK);
    await done;
    expect(calls).toEqual([undefined]);
    if (!near.closed) await once(near, 'close');
  });

  test('the app fails: everything goes, with that error, once', async () => {
    const boom = new Error('boom');
    const { done, calls, stage } = run(new Transform({ objectMode: true, transform: (_f, _e, next) => next(boom) }));
    far.write(wireOf() + HELLO, 'latin1');
    await done;
    expect(calls).toEqual([boom]);
    expect([stage.destroyed, near.destroyed]).toEqual([true, true]);
  });

  test('the peer breaks the protocol: the error is the decoder’s', async () => {
    const { done, calls } = run();
    far.write(`${wireOf()}\x83\x80`, 'latin1');
    await done;
    expect(calls).toMatchObject([{ code: 'ERR_WS_RESERVED_OPCODE' }]);
    expect(near.destroyed).toBe(true);
  });

  test('a refusal: the error is the refusal', async () => {
    const { done, calls } = run();
    far.write(wireOf([['Host', 'a']]), 'latin1');
    await done;
    expect(calls).toMatchObject([{ status: 426 }]);
    expect(await received(far)).toMatch(/^HTTP\/1\.1 426 /);
  });
});
