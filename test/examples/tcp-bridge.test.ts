/** tcp-bridge.mjs between a WebSocket in one process and a real TCP server in this one: both ways, ends, backpressure. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';
import { GRACEFUL, type Run, Runs } from './support/example.js';

const MEBIBYTE = 1024 * 1024;
/** Far more than the kernel holds for two connections. */
const FLOOD_BYTES = 256 * MEBIBYTE;

const runs = new Runs();
let target: Server;
let bridge: Run;
let url: string;

beforeEach(async () => {
  target = createServer({ allowHalfOpen: true });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  bridge = runs.example('tcp-bridge', { env: { TARGET: `127.0.0.1:${(target.address() as AddressInfo).port}` } });
  url = `ws://localhost:${await bridge.port()}`;
});

afterEach(async () => {
  await runs.end();
  target.close();
});

const user = (...args: string[]) => runs.program('bridge-user', { args: [url, ...args] });
const caller = async (): Promise<Socket> => (await once(target, 'connection'))[0];

async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('the WebSocket ends first: TCP sees the end behind the last byte, and its answer still comes', async () => {
  const [asking, socket] = [user('ask'), await caller()];
  asking.end('what is the time?');
  const question = await everything(socket);
  // The other half of the connection is still open.
  socket.end(`you asked: ${question}`);
  expect(await asking.ended).toEqual({ code: 0, signal: null, stdout: 'you asked: what is the time?', stderr: '' });
  expect(await bridge.stop()).toEqual(GRACEFUL);
});

test('TCP ends first: the WebSocket gets the last byte and a clean end, then TCP gets its end too', async () => {
  const [asking, socket] = [user('ask'), await caller()];
  socket.end('220 welcome');
  await asking.printed(/welcome/);
  asking.end('');
  expect(await everything(socket)).toBe('');
  expect(await asking.ended).toEqual({ code: 0, signal: null, stdout: '220 welcome', stderr: '' });
  expect(await bridge.stop()).toEqual(GRACEFUL);
});

test('a TCP side that does not read stops the WebSocket; nothing is lost and the bridge does not grow', async () => {
  const [flooding, socket] = [user('flood', String(FLOOD_BYTES)), await caller()];
  const before = residentBytes(bridge);
  const stuckAt = await standsStill(() => Number(flooding.text.match(/at (\d+)\n$/)?.[1] ?? 0));
  expect(stuckAt).toBeLessThan(FLOOD_BYTES / 2);
  expect(residentBytes(bridge) - before).toBeLessThan(64 * MEBIBYTE);

  const hash = createHash('sha256');
  await pipeline(socket.iterator({ destroyOnReturn: false }), hash);
  socket.end();
  expect(await flooding.printed(/sent (\w+)\n/)).toContain(hash.digest('hex'));
  expect(await flooding.ended).toMatchObject({ code: 0, stderr: '' });
  expect(await bridge.stop()).toEqual(GRACEFUL);
});

test('a WebSocket that does not read stops the TCP side; nothing is lost and the bridge does not grow', async () => {
  const [ignoring, socket] = [user('ignore'), await caller()];
  const before = residentBytes(bridge);
  const hash = createHash('sha256');
  let produced = 0;
  function* flood() {
    for (; produced < FLOOD_BYTES; produced += 65_536) {
      const bytes = Buffer.alloc(65_536, produced / 65_536);
      hash.update(bytes);
      yield bytes;
    }
  }
  const sending = pipeline(Readable.from(flood()), socket);
  expect(await standsStill(() => produced)).toBeLessThan(FLOOD_BYTES / 2);
  expect(residentBytes(bridge) - before).toBeLessThan(64 * MEBIBYTE);

  ignoring.end('');
  socket.resume();
  await sending;
  const { code, stdout } = await ignoring.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: `received ${FLOOD_BYTES} ${hash.digest('hex')}\n` });
  expect(await bridge.stop()).toEqual(GRACEFUL);
});

/** What `figure` says once it has not changed for half a second. That nothing moves can only be seen over time. */
async function standsStill(figure: () => number): Promise<number> {
  for (let last = -1; ; ) {
    await after(500);
    const now = figure();
    if (now > 0 && now === last) return now;
    last = now;
  }
}

/** The peak of what a process has taken from the system, where the kernel tells. */
function residentBytes({ pid }: Run): number {
  if (process.platform !== 'linux') return 0;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}
