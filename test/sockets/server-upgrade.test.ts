/** ServerUpgrade over every kind of connection. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, duplexPair, PassThrough, pipeline } from 'node:stream';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Duplex as UserlandDuplex } from 'readable-stream';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import type { HandshakeError } from '../../src/errors.js';
import type { ServerUpgradeOptions } from '../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { TLS } from '../support/raw-server.js';
import { received } from '../support/received.js';
import { ACCEPTED, failure, HELLO, HELLO_BACK } from '../support/server-upgrade.js';
import { socketPair } from '../support/socket-pair.js';
import { linesWith, wireOf } from '../support/upgrade-request.js';

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
