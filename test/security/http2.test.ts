/**
 * Threats that only HTTP/2 has: many streams cost one connection, and little on the wire can be much in memory. Node and its
 * nghttp2 end the sessions that flood them; what is let in and how much is kept of it is up to us.
 */

import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { HandshakeError } from '../../src/errors.js';
import { http2Serving } from '../support/http2.js';
import { FrameType, GOOD_FIELDS, literalFields, RawHttp2, rawFrame } from '../support/raw-http2.js';

const HEAD = literalFields(GOOD_FIELDS);
const REQUEST_FLAGS = 4;
const CANCEL = 8;

const code = (number: number) => Buffer.from([0, 0, 0, number]);
/** The ids of a client's first streams. */
const ids = (count: number) => Array.from({ length: count }, (_, at) => 2 * at + 1);

async function meet(options: Parameters<typeof http2Serving>[0] = {}, settings?: Buffer) {
  const serving = await http2Serving({ keepAlive: false, ...options }, (ws) => ws.on('error', () => {}).pipe(ws));
  const raw = new RawHttp2(serving.port);
  if (settings !== undefined) raw.send(FrameType.settings, 0, 0, settings);
  return { ...serving, raw };
}

/** The server goes on: somebody else gets in. */
async function expectServing(port: number): Promise<void> {
  const other = new RawHttp2(port);
  other.headers(1, GOOD_FIELDS);
  await other.until(() => other.on(1, FrameType.headers).length > 0);
}

describe('rapid reset (CVE-2023-44487)', () => {
  test('nobody is asked about a stream that is reset in the packet of its request', async () => {
    const accept = jest.fn();
    const { raw, server, port } = await meet({ accept });
    const pair = (id: number) => [
      rawFrame(FrameType.headers, REQUEST_FLAGS, id, HEAD),
      rawFrame(FrameType.rstStream, 0, id, code(CANCEL)),
    ];
    raw.socket.write(Buffer.concat(ids(200).flatMap(pair)));
    await raw.survives();
    await turn();
    expect(accept).not.toHaveBeenCalled();
    expect(server.connections.size).toBe(0);
    await expectServing(port);
  });

  test('one that is reset while accept thinks is not opened, whatever that says', async () => {
    const decide: (() => void)[] = [];
    const accept = () => new Promise<void>((resolve) => decide.push(resolve));
    const { raw, server } = await meet({ accept });
    const opened = jest.fn();
    server.on('connection', opened);
    for (const id of ids(100)) raw.headers(id, GOOD_FIELDS);
    while (decide.length < 100) await turn();
    for (const id of ids(100)) raw.send(FrameType.rstStream, 0, id, code(CANCEL));
    await raw.survives();
    for (const resolve of decide) resolve();
    await raw.survives();
    expect(opened).not.toHaveBeenCalled();
    expect(raw.frames.filter(({ type }) => type === FrameType.headers)).toHaveLength(0);
  });

  test('who goes on with it is told to go away, and the next one is served', async () => {
    const { raw, server, port } = await meet();
    for (const id of ids(5_000)) {
      raw.headers(id, GOOD_FIELDS);
      raw.send(FrameType.rstStream, 0, id, code(CANCEL));
    }
    await raw.until(() => raw.on(0, FrameType.goaway).length > 0);
    await expectServing(port);
    expect(server.connections.size).toBe(1);
  });
});

describe('a head that is small on the wire and large in memory (HPACK)', () => {
  /** A field of 3,900 bytes that goes to the dynamic table, and then its index: one byte each. */
  const BIG = Buffer.concat([
    Buffer.from([0x40, 1, 0x78, 0x7f, 0x80 + ((3_900 - 127) % 128), 29]),
    Buffer.alloc(3_900),
  ]);
  const INDEX = 0xbe;

  test.each([5, 100])('%s times 3,900 bytes: 431, nothing of it is kept, and the session survives', async (times) => {
    const { raw, server } = await meet();
    const refusals: unknown[] = [];
    server.on('refused', (error, request) => refusals.push([(error as HandshakeError).status, request.rawHeaders]));
    const opened = once(server, 'connection');
    raw.send(FrameType.headers, REQUEST_FLAGS, 1, Buffer.concat([HEAD, BIG.fill('a', 6)]));
    await opened;
    raw.send(FrameType.headers, REQUEST_FLAGS, 3, Buffer.concat([HEAD, Buffer.alloc(times, INDEX)]));
    await raw.until(() => raw.on(3, FrameType.headers).length > 0);
    await raw.survives();
    expect(refusals).toEqual([[431, []]]);
    await raw.until(() => raw.on(3, FrameType.data).some(({ flags }) => flags % 2 === 1));
    expect(String(raw.on(3, FrameType.data)[0]?.payload)).toContain('larger than 16384 bytes');
    await raw.survives();
  });

  test('more fields than Node takes: the stream is reset, and the session survives', async () => {
    const { raw } = await meet();
    raw.send(
      FrameType.headers,
      REQUEST_FLAGS,
      1,
      Buffer.concat([HEAD, literalFields({ a: 'b' }), Buffer.alloc(200, 0x84)]),
    );
    await raw.until(() => raw.resetOf(1) !== null);
    await raw.survives();
  });
});

describe('many streams that say nothing', () => {
  test('while accept thinks they wait as long as a handshake may take, and then they are refused', async () => {
    const accept = jest.fn(() => new Promise<void>(() => {}));
    const { raw, server } = await meet({ accept, handshakeTimeoutMs: 100 });
    for (const id of ids(500)) raw.headers(id, GOOD_FIELDS);
    await raw.until(() => ids(500).every((id) => raw.on(id, FrameType.data).some(({ flags }) => flags % 2 === 1)));
    expect(accept).toHaveBeenCalledTimes(500);
    expect(server.connections.size).toBe(0);
    await raw.survives();
  });

  test('who opens more than maxConcurrentStreams of the owner loses the session, and nobody else does', async () => {
    const { raw, server, port } = await meet({ http2: { settings: { maxConcurrentStreams: 10 } } });
    await raw.survives();
    for (const id of ids(10)) raw.headers(id, GOOD_FIELDS);
    await raw.until(() => ids(10).every((id) => raw.on(id, FrameType.headers).length > 0));
    raw.headers(21, GOOD_FIELDS);
    await raw.until(() => raw.on(0, FrameType.goaway).length > 0);
    expect(server.connections.size).toBeLessThanOrEqual(10);
    await expectServing(port);
  });

  test('open and silent, keepalive finds them', async () => {
    const { raw, server } = await meet({ keepAlive: { intervalMs: 30, timeoutMs: 30 } });
    for (const id of ids(50)) raw.headers(id, GOOD_FIELDS);
    await raw.until(() => ids(50).every((id) => raw.resetOf(id) === CANCEL));
    expect(server.connections.size).toBe(0);
    await raw.survives();
  });
});

describe('a peer that gives no window', () => {
  /** SETTINGS_INITIAL_WINDOW_SIZE 0 (RFC 9113 §6.5.2). */
  const NO_WINDOW = Buffer.from([0, 4, 0, 0, 0, 0]);

  test('a refusal that it does not take is given up, and the stream reset', async () => {
    const { raw } = await meet({ accept: () => false }, NO_WINDOW);
    for (const id of ids(20)) raw.headers(id, GOOD_FIELDS);
    await raw.until(() => ids(20).every((id) => raw.resetOf(id) === CANCEL));
    await raw.survives();
  });

  test('an open WebSocket that cannot even be pinged is given up by keepalive', async () => {
    const { raw, server } = await meet({ keepAlive: { intervalMs: 30, timeoutMs: 30 } }, NO_WINDOW);
    raw.headers(1, GOOD_FIELDS);
    await raw.until(() => raw.resetOf(1) === CANCEL);
    expect(server.connections.size).toBe(0);
    await raw.survives();
  });

  test('the close of the server does not wait for it longer than it was told to', async () => {
    const { raw, server } = await meet({}, NO_WINDOW);
    for (const id of ids(20)) raw.headers(id, GOOD_FIELDS);
    while (server.connections.size < 20) await once(server, 'connection');
    await server.close({ timeoutMs: 20 });
    await raw.until(() => ids(20).every((id) => raw.resetOf(id) === CANCEL));
    await raw.survives();
  });
});

describe('floods of frames that are no messages', () => {
  const CONTINUATION = 9;
  const ACKNOWLEDGED = { read: true, unread: false };

  test.each<[string, Buffer, keyof typeof ACKNOWLEDGED]>([
    ['CONTINUATION (CVE-2024-27983)', rawFrame(CONTINUATION, 0, 1, literalFields({ a: 'b' })), 'read'],
    ['empty CONTINUATION', rawFrame(CONTINUATION, 0, 1), 'read'],
    ['PING', rawFrame(FrameType.ping, 0, 0, Buffer.alloc(8)), 'unread'],
    ['SETTINGS', rawFrame(FrameType.settings, 0, 0), 'unread'],
  ])('%s: the session ends with an error, nobody is let in, the next one is served', async (_, frame, how) => {
    const { raw, port, sessions, server } = await meet();
    await raw.survives();
    const [session] = sessions;
    const errors: unknown[] = [];
    session?.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
    const ended = new Promise((resolve) => session?.on('close', resolve));
    if (!ACKNOWLEDGED[how]) raw.socket.pause();
    raw.send(FrameType.headers, 0, 1, HEAD);
    if (frame[3] !== CONTINUATION) raw.send(CONTINUATION, REQUEST_FLAGS, 1);
    const many = Buffer.concat(Array(1_000).fill(frame));
    while (session?.destroyed === false) {
      raw.socket.write(many);
      await turn();
    }
    await ended;
    expect(errors).toEqual(['ERR_HTTP2_ERROR']);
    await expectServing(port);
    expect(server.connections.size).toBe(1);
  });
});

test('DATA for a stream that was never opened ends the session, and nothing else', async () => {
  const { raw, port } = await meet();
  raw.send(FrameType.data, 0, 1, Buffer.from('8180', 'hex'));
  await raw.until(() => raw.on(0, FrameType.goaway).length > 0);
  await expectServing(port);
});
