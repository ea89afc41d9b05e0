import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reading } from '../../../../src/handshake/stream/request-reader.js';
import { RequestReader } from '../../../../src/handshake/stream/request-reader.js';
import { linesWith, REQUIRED, wireOf } from '../../../support/upgrade-request.js';

const EVENTS = ['data', 'end', 'close', 'error', 'readable', 'pause', 'resume', 'drain', 'timeout'];

let near: Duplex;
let far: Duplex;

beforeEach(() => {
  [near, far] = duplexPair();
});

/** Those of EventEmitter appear with the first listener. */
const fields = () => new Set(Reflect.ownKeys(near).filter((key) => !String(key).startsWith('_events')));
const listeners = () => EVENTS.map((event) => near.listenerCount(event));

function read(): { reader: RequestReader; reading: Promise<Reading>; count(): number } {
  let calls = 0;
  let resolve: (reading: Reading) => void;
  const reading = new Promise<Reading>((settle) => {
    resolve = settle;
  });
  const reader = new RequestReader(near, (outcome) => {
    calls += 1;
    resolve(outcome);
  });
  return { reader, reading, count: () => calls };
}

/** What came behind the head: the rest, and what the socket still yields. */
async function afterHead(reading: Reading): Promise<string> {
  if (reading.kind !== 'upgrade') throw new Error(`it is ${reading.kind}`);
  far.end();
  const chunks = [reading.rest];
  near.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(near, 'end');
  return Buffer.concat(chunks).toString('latin1');
}

test('an upgrade: the request, its socket, the bytes behind it; nothing of ours or of Node’s stays on the socket', async () => {
  const before = { listeners: listeners(), fields: fields() };
  const { reading, reader } = read();
  far.write(`${wireOf()}rest`, 'latin1');
  const outcome = await reading;
  expect({ listeners: listeners(), fields: fields() }).toEqual(before);
  expect(outcome).toMatchObject({ kind: 'upgrade', request: { method: 'GET', url: '/chat', httpVersion: '1.1' } });
  expect(outcome.kind === 'upgrade' && outcome.request.rawHeaders).toEqual(REQUIRED.flat());
  expect(outcome.kind === 'upgrade' && outcome.request.socket).toBe(near);
  expect(reader.destroyed).toBe(true);
  expect(await afterHead(outcome)).toBe('rest');
});

test('the head and the bytes behind it are told apart however they are cut in two', async () => {
  const wire = Buffer.from(`${wireOf()}first frames`, 'latin1');
  for (let cut = 0; cut <= wire.length; cut += 1) {
    [near, far] = duplexPair();
    const { reading } = read();
    far.write(wire.subarray(0, cut));
    far.write(wire.subarray(cut));
    expect(await afterHead(await reading)).toBe('first frames');
  }
});

test('one byte at a time', async () => {
  const { reading } = read();
  for (const byte of Buffer.from(`${wireOf()}rest`, 'latin1')) far.write(Uint8Array.of(byte));
  expect(await afterHead(await reading)).toBe('rest');
});

test.each([
  ['a plain GET', wireOf([['Host', 'a']])],
  ['no Host', wireOf(linesWith({ Host: null, Upgrade: null }))],
  [
    'a body',
    wireOf(
      [
        ['Host', 'a'],
        ['Content-Length', '5'],
      ],
      'POST / HTTP/1.1',
    ),
  ],
  ['CONNECT', wireOf([['Host', 'a']], 'CONNECT a:1 HTTP/1.1')],
  [
    'Expect: 100-continue',
    wireOf([
      ['Host', 'a'],
      ['Expect', '100-continue'],
    ]),
  ],
  [
    'Expect: something',
    wireOf([
      ['Host', 'a'],
      ['Expect', 'something'],
    ]),
  ],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['HTTP/1.0', wireOf([], 'GET / HTTP/1.0')],
])('%s is plain, and is reported once even when a second request follows', async (_, wire) => {
  const { reading, count } = read();
  far.write(`${wire}${wireOf()}${wire}`, 'latin1');
  expect((await reading).kind).toBe('plain');
  await turn();
  expect(count()).toBe(1);
  expect(far.read()).toBeNull();
});

test.each([
  ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['HTTP/1.2', wireOf(REQUIRED, 'GET / HTTP/1.2'), 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a bare LF', wireOf().replaceAll('\r\n', '\n'), 400],
  ['a folded line', wireOf([...REQUIRED, ['X', 'a\r\n b']]), 400],
  ['two lengths', wireOf([...REQUIRED, ['Content-Length', '0'], ['Content-Length', '0']]), 400],
  ['a space before a colon', wireOf([...REQUIRED, ['X ', 'a']]), 400],
  ['a NUL', wireOf([...REQUIRED, ['X', 'a\0']]), 400],
  ['a long field', wireOf([...REQUIRED, ['X', 'a'.repeat(16_384)]]), 431],
  ['a long target', wireOf(REQUIRED, `GET /${'a'.repeat(16_384)} HTTP/1.1`), 431],
  ['many fields', 'GET / HTTP/1.1\r\n'.padEnd(60_000, 'a: b\r\n'), 431],
])('%s is malformed', async (_, wire, status) => {
  const { reading } = read();
  far.write(wire, 'latin1');
  expect(await reading).toMatchObject({ kind: 'malformed', status });
  expect(listeners().every((count, at) => count === 0 || EVENTS[at] === 'end')).toBe(true);
});

test.each([
  ['empty lines', '', '\r\n'],
  ['spaces', 'GET / HTTP/1.1\r\nX:', ' '],
  ['tabs after a value', 'GET / HTTP/1.1\r\nX: a', '\t'],
  ['tiny fields', 'GET / HTTP/1.1\r\n', 'a:\r\n'],
])('a head of %s without end is read up to its limit and one more chunk', async (_, start, filler) => {
  const { reading } = read();
  const chunk = Buffer.from(filler.repeat(1024), 'latin1');
  let sent = far.write(start) ? 0 : start.length;
  for (let settled = false; !settled && sent < 1 << 20; sent += chunk.length) {
    far.write(chunk);
    settled = await Promise.race([reading.then(() => true), turn(false)]);
  }
  expect(await reading).toMatchObject({ kind: 'malformed', status: 431 });
  expect(sent).toBeLessThanOrEqual(16_384 + 3 * chunk.length);
});

test('a long first chunk behind the head is not taken for a long head', async () => {
  const { reading } = read();
  far.write(wireOf(), 'latin1');
  far.write(Buffer.alloc(15_000, 'x'));
  far.write(Buffer.alloc(15_000, 'x'));
  expect(await afterHead(await reading)).toHaveLength(30_000);
});

test('neither a timer nor a handle is left of Node’s HTTP server', async () => {
  const before = process.getActiveResourcesInfo();
  const { reading } = read();
  far.write(wireOf(), 'latin1');
  await reading;
  const after = process.getActiveResourcesInfo();
  expect(after.filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(
    before.filter((kind) => kind === 'Timeout').length,
  );
  expect(after).not.toContain('HTTPINCOMINGMESSAGE');
});

test('no field is dropped for its number', async () => {
  const { reading } = read();
  far.write(wireOf([...Array(3000).fill(['a', '']), ...REQUIRED]), 'latin1');
  const outcome = await reading;
  expect(outcome.kind === 'upgrade' && outcome.request.rawHeaders.length).toBe(2 * (3000 + REQUIRED.length));
});

describe('a connection that goes before the head is complete is cut off', () => {
  test('it ends', async () => {
    const { reading } = read();
    far.end(wireOf().slice(0, -1), 'latin1');
    expect(await reading).toEqual({ kind: 'cut-off', cause: null });
  });

  test('it fails', async () => {
    const { reading } = read();
    const cause = new Error('reset');
    near.destroy(cause);
    expect(await reading).toEqual({ kind: 'cut-off', cause });
    near.on('error', () => {});
  });

  test('it is closed', async () => {
    const { reading } = read();
    near.destroy();
    expect(await reading).toEqual({ kind: 'cut-off', cause: null });
  });

  test('it was closed, or had ended, before we came', async () => {
    near.destroy();
    expect(await read().reading).toEqual({ kind: 'cut-off', cause: null });
    [near, far] = duplexPair();
    far.end();
    near.resume();
    await once(near, 'end');
    expect(await read().reading).toEqual({ kind: 'cut-off', cause: null });
  });
});

test('destroying the reader lets go without a report', async () => {
  const before = listeners();
  const { reader, count } = read();
  far.write(wireOf().slice(0, 20), 'latin1');
  await turn();
  reader.destroy();
  expect(listeners()).toEqual(before);
  far.end(wireOf().slice(20), 'latin1');
  await turn();
  expect(count()).toBe(0);
});
