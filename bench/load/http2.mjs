/**
 * Load for an echo server over HTTP/2: streams of Node's own client, prebuilt masked frames, replies counted by their bytes.
 *
 * Knows: how many streams share a session, and how to stop reading one of them once all that it can hold is full. Without
 * sessions it is the same over HTTP/1.1.
 * Does not know: what is measured.
 */
import { once } from 'node:events';
import http2 from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../lib/answers.mjs';
import { frameOf, keyFor, noise, OPCODE } from '../lib/frames.mjs';
import { blockOf, checkEcho, Exchange } from './exchange.mjs';
import { open, requestFor } from './handshake.mjs';

/** What our own client gives to a session. */
const SESSION_WINDOW = 4_194_304;

/** A stream is full when nothing of a frame has left for so long. */
const FULL_MS = 250;

const AT_ONCE = 64;

/**
 * @typedef {object} Crowd
 * @property {number} port
 * @property {number} connections
 * @property {'one' | 'each' | 'none'} sessions One for all, one for each, or HTTP/1.1.
 * @property {number} [size] Bytes of a message, for a load; without it nothing is sent.
 * @property {boolean} [isStopped] There is one more, which is either filled up and not read, or read.
 */

/** @typedef {{ exchange: Exchange | null, sessions: http2.ClientHttp2Session[], ends: import('node:stream').Duplex[] }} State */

/** @type {State} */
const state = { exchange: null, sessions: [], ends: [] };

/** @param {number} port */
async function openSession(port) {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  state.sessions.push(session);
  await once(session, 'remoteSettings');
  session.setLocalWindowSize(SESSION_WINDOW);
  return session;
}

/** A WebSocket on a stream of `session`. @param {http2.ClientHttp2Session} session */
async function openStream(session) {
  const fields = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/', 'sec-websocket-version': '13' };
  const stream = session.request(fields, { endStream: false });
  const [headers] = await once(stream, 'response');
  if (headers[':status'] !== 200) throw new Error(`no WebSocket: ${headers[':status']}`);
  state.ends.push(stream);
  return stream;
}

/** @param {Crowd} crowd @param {http2.ClientHttp2Session | null} shared */
async function openOne({ port, sessions }, shared) {
  if (sessions !== 'none') return openStream(shared ?? (await openSession(port)));
  const { socket, onBytes } = await open({ port, request: requestFor(port), readBytes: 512 });
  onBytes(() => {});
  state.ends.push(socket);
  return socket;
}

/** Sends to `stream` until it takes nothing more, and reads nothing. @param {http2.ClientHttp2Stream} stream */
async function fill(stream) {
  const frame = frameOf({ opcode: OPCODE.binary, payload: noise(16_384), key: keyFor(1) });
  for (let isFull = false; !isFull; ) {
    const written = new Promise((resolve) => stream.write(frame, () => resolve(false)));
    isFull = await Promise.race([written, wait(FULL_MS, true)]);
  }
}

/** @param {Crowd} crowd */
async function openAll(crowd) {
  const shared = crowd.sessions === 'one' ? await openSession(crowd.port) : null;
  /** @type {import('node:stream').Duplex[]} */
  const ends = [];
  let next = 0;
  const line = async () => {
    while (next++ < crowd.connections) ends.push(await openOne(crowd, shared));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  if (crowd.size !== undefined) await prepare(crowd.size, ends);
  if (shared === null || crowd.isStopped === undefined) return;
  const last = await openStream(shared);
  if (crowd.isStopped) await fill(last);
  else last.resume();
}

/** One message in flight on each. @param {number} size @param {import('node:stream').Duplex[]} ends */
async function prepare(size, ends) {
  /** @type {import('./exchange.mjs').Workload} */
  const load = { connections: ends.length, inFlight: 1, size, type: 'binary' };
  const block = blockOf(load, 'client');
  const exchange = new Exchange(load, block);
  for (const [at, end] of ends.entries()) {
    /** @type {(bytes: Buffer, count: number) => void} */
    let take = () => {};
    end.on('data', (bytes) => take(bytes, bytes.length));
    const onBytes = (/** @type {typeof take} */ taker) => {
      take = taker;
    };
    const socket = /** @type {import('node:net').Socket} */ (end);
    if (at === 0) await checkEcho(socket, onBytes, block);
    const connection = exchange.add(socket);
    onBytes((_, count) => connection.take(count));
  }
  state.exchange = exchange;
}

async function closeAll() {
  const all = [...state.ends, ...state.sessions];
  const closed = all.map((one) => one.destroyed || new Promise((resolve) => one.once('close', resolve)));
  for (const one of all) one.destroy();
  Object.assign(state, { exchange: null, sessions: [], ends: [] });
  await Promise.all(closed);
}

answer({ open: openAll, run: (how) => state.exchange?.run(how), close: closeAll });
