import { type Duplex, duplexPair, pipeline } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import {
  ClientUpgrade,
  type ClientUpgradeEvent,
  type ClientUpgradeOptions,
} from '../../../../src/handshake/stream/client-upgrade.js';
import { PassThrough, Duplex as UserlandDuplex } from '../../../../src/streams.js';
import { accepted, field, rawServer, responseHead, TLS } from '../../../support/raw-server.js';
import { received } from '../../../support/received.js';
import { socketPair } from '../../../support/socket-pair.js';

const URL = 'ws://host/chat';

/** One in-memory connection made of readable-stream's Duplex. */
function userlandPair(): [Duplex, Duplex] {
  const [a, b] = [new PassThrough(), new PassThrough()];
  const end = (reads: Duplex, writes: Duplex): Duplex => {
    const duplex = new UserlandDuplex({
      read: () => void reads.resume(),
      write: (chunk, _, done) => void writes.write(chunk, done),
      final: (done) => void writes.end(done),
    });
    reads.pause().on('data', (chunk) => duplex.push(chunk) || reads.pause());
    reads.on('end', () => duplex.push(null));
    return duplex;
  };
  return [end(a, b), end(b, a)];
}

const KINDS: Record<string, () => Promise<[near: Duplex, far: Duplex]>> = {
  'a TCP socket': () => socketPair().then(({ near, far }) => [near, far]),
  'an in-memory pair': async () => duplexPair(),
  "readable-stream's Duplex": async () => userlandPair(),
};

describe.each(Object.keys(KINDS))('over %s', (kind) => {
  let near: Duplex;
  let far: Duplex;
  const stages: ClientUpgrade[] = [];

  beforeEach(async () => {
    [near, far] = (await KINDS[kind]?.()) ?? [new PassThrough(), new PassThrough()];
    far.on('error', () => {});
  });

  afterEach(() => {
    for (const stage of stages.splice(0)) stage.destroy();
    near.destroy();
    far.destroy();
  });

  function upgrade(options: ClientUpgradeOptions): ClientUpgrade {
    const stage = new ClientUpgrade(near, options);
    stages.push(stage);
    return stage;
  }

  /** Lets `far` answer the request head with what `answer` makes of it. */
  function answer(bytes: (head: string) => string): Promise<string> {
    return new Promise((resolve) => {
      far.once('data', (chunk) => {
        far.pause();
        resolve(String(chunk));
        far.write(bytes(String(chunk)), 'latin1');
      });
    });
  }

  const opened = (stage: ClientUpgrade) =>
    new Promise<ClientUpgradeEvent>((resolve, reject) => stage.on('upgrade', resolve).on('error', reject));

  const failed = (stage: ClientUpgrade) => new Promise<Error>((resolve) => stage.on('error', resolve));

  test('it asks, opens, and reads what follows the head', async () => {
    const asked = answer((head) => `${accepted(head, 'Sec-WebSocket-Protocol: b')}first,`);
    const stage = upgrade({ url: URL, subprotocols: ['a', 'b'], headers: { 'X-A': '1' } });
    const text = received(stage);
    const event = await opened(stage);
    expect(event).toMatchObject({ subprotocol: 'b', extensions: [], response: { statusCode: 101 } });
    far.end('last');
    expect(await text).toBe('first,last');
    const head = await asked;
    expect(head).toMatch(/^GET \/chat HTTP\/1\.1\r\nHost: host\r\n/);
    expect(field(head, 'X-A')).toEqual(['1']);
    stage.end();
  });

  test("'upgrade' comes before the first byte", async () => {
    answer((head) => `${accepted(head)}byte`);
    const stage = upgrade({ url: URL });
    const order: string[] = [];
    stage.on('upgrade', () => order.push('upgrade'));
    await new Promise<void>((resolve) => stage.on('data', () => resolve(void order.push('data'))));
    expect(order).toEqual(['upgrade', 'data']);
  });

  test('writes wait for the answer', async () => {
    const stage = upgrade({ url: URL });
    stage.write('early,');
    stage.end('late');
    const head = await answer((request) => accepted(request));
    expect(head).toMatch(/\r\n\r\n$/);
    expect(await received(far)).toBe('early,late');
  });

  test('a refusal destroys the stage and the socket', async () => {
    answer(() => `${responseHead('401 Unauthorized', ['Content-Length: 2'])}no`);
    const stage = upgrade({ url: URL });
    expect(await failed(stage)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', status: 401 });
    expect([stage.destroyed, near.destroyed]).toEqual([true, true]);
  });

  test('so does an answer that is no WebSocket', async () => {
    answer((head) => accepted(head, 'Sec-WebSocket-Protocol: unasked'));
    const stage = upgrade({ url: URL });
    expect(await failed(stage)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_INVALID', status: 101 });
    expect(near.destroyed).toBe(true);
  });

  test('and no answer at all', async () => {
    const stage = upgrade({ url: URL, handshakeTimeoutMs: 20 });
    expect(await failed(stage)).toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT' });
    expect(near.destroyed).toBe(true);
  });

  test('and a socket that ends instead', async () => {
    far.end();
    const stage = upgrade({ url: URL });
    expect(await failed(stage)).toMatchObject({ code: 'ERR_WS_UNREACHABLE', cause: { code: 'ECONNRESET' } });
  });

  test('destroyed before the answer, it fails parked writes and says nothing more', async () => {
    const stage = upgrade({ url: URL });
    const outcome = new Promise<Error | null | undefined>((resolve) => stage.write('never', resolve));
    const said: Error[] = [];
    stage.on('error', (error) => said.push(error));
    stage.destroy();
    expect(await outcome).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    await turn();
    expect([near.destroyed, said]).toEqual([true, []]);
  });

  test("destroyed by its own 'upgrade' listener, it never opens", async () => {
    answer((head) => `${accepted(head)}byte`);
    const stage = upgrade({ url: URL });
    stage.on('data', () => stage.emit('error', new Error('opened')));
    stage.on('upgrade', () => stage.destroy());
    await new Promise((resolve) => stage.on('close', resolve));
    expect(stage.readableLength).toBe(0);
  });

  test('a socket that has gone already is an error at once', async () => {
    near.destroy();
    expect(await failed(upgrade({ url: URL }))).toMatchObject({
      code: 'ERR_WS_HANDSHAKE_REFUSED',
      message: expect.stringContaining('closed already'),
    });
  });

  test('first and last of one pipeline', async () => {
    answer((head) => `${accepted(head)}a`);
    const stage = upgrade({ url: URL });
    const done = new Promise<Error | null | undefined>((resolve) => {
      pipeline(stage, new PassThrough(), new PassThrough(), stage, resolve);
    });
    await opened(stage);
    far.end('b');
    expect(await received(far)).toBe('ab');
    expect(await done).toBeFalsy();
  });
});

test('over TLS', async () => {
  const server = await rawServer(({ socket, head }) => socket.end(`${accepted(head)}secret`), true);
  const socket: TLSSocket = tlsConnect({ port: server.port, host: '127.0.0.1', ca: TLS.cert });
  const stage = new ClientUpgrade(socket, { url: 'wss://localhost/' });
  expect(await received(stage)).toBe('secret');
  stage.end();
  await server.close();
});

test('a mistake is thrown at once, and the socket is not touched', () => {
  const [near] = duplexPair();
  expect(() => new ClientUpgrade(near, { url: 'ws://host/#x' })).toThrow(
    expect.objectContaining({ code: 'ERR_WS_USAGE' }),
  );
  expect(near.listenerCount('error')).toBe(0);
  expect(near.destroyed).toBe(false);
});
