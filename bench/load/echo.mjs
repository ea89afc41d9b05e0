/**
 * Load for an echo server: raw sockets, prebuilt masked frames, replies counted by their bytes.
 *
 * Knows: connections, how many messages each keeps in flight, round trips where one is. The first reply of each kind is
 * compared byte by byte, and after each run as many bytes must have come back as went out.
 * Does not know: the server.
 */
import assert from 'node:assert/strict';
import { answer } from '../lib/answers.mjs';
import { frameOf, keyFor, noise, OPCODE, text } from '../lib/frames.mjs';
import { quantile } from '../lib/statistics.mjs';
import { open, requestFor } from './handshake.mjs';

/** @typedef {{ port: number, connections: number, inFlight: number, size: number, type: 'text' | 'binary' }} Workload */

const DRAIN_MS = 10_000;
const POLL_MS = 5;

/** What every connection sends, all that is in flight at once, and what must come back for it. @param {Workload} load */
function blockOf({ inFlight, size, type }) {
  const frames = [];
  const replies = [];
  for (let at = 0; at < inFlight; at++) {
    const payload = type === 'text' ? text(size) : noise(size, at);
    frames.push(frameOf({ opcode: OPCODE[type], payload, key: keyFor(at) }));
    replies.push(frameOf({ opcode: OPCODE[type], payload }));
  }
  return { wire: Buffer.concat(frames), replies: Buffer.concat(replies) };
}

class Connection {
  #socket;
  #wire;
  #frameBytes;
  #replyBytes;
  #tally;
  #pending = 0;
  #sentAt = 0;
  outstanding = 0;

  /**
   * @param {import('node:net').Socket} socket
   * @param {ReturnType<typeof blockOf>} block
   * @param {number} inFlight
   * @param {Tally} tally
   */
  constructor(socket, block, inFlight, tally) {
    this.#socket = socket;
    this.#wire = block.wire;
    this.#frameBytes = block.wire.length / inFlight;
    this.#replyBytes = block.replies.length / inFlight;
    this.#tally = tally;
  }

  /** Sends `messages` of the block. @param {number} messages */
  send(messages) {
    this.outstanding += messages;
    if (this.#tally.times !== null) this.#sentAt = performance.now();
    this.#socket.write(this.#wire.subarray(0, messages * this.#frameBytes));
  }

  /** @param {number} count Bytes that came back. */
  take(count) {
    this.#pending += count;
    if (this.#pending < this.#replyBytes) return;
    const whole = Math.floor(this.#pending / this.#replyBytes);
    this.#pending -= whole * this.#replyBytes;
    this.outstanding -= whole;
    this.#tally.messages += whole;
    this.#tally.times?.push(performance.now() - this.#sentAt);
    if (this.#tally.isRunning) this.send(whole);
  }

  destroy() {
    this.#socket.destroy();
  }
}

/** What all connections have counted. */
class Tally {
  messages = 0;
  isRunning = false;
  /** Round trips in milliseconds, where there is one message in flight. @type {number[] | null} */
  times = null;
}

/** @type {{ connections: Connection[], tally: Tally, inFlight: number }} */
const state = { connections: [], tally: new Tally(), inFlight: 1 };

/** @param {Workload} load */
async function openAll(load) {
  const block = blockOf(load);
  const request = requestFor(load.port);
  state.tally = new Tally();
  state.inFlight = load.inFlight;
  state.connections = [];
  for (let at = 0; at < load.connections; at++) {
    const { socket, onBytes } = await open({ port: load.port, request });
    if (at === 0) await check(socket, onBytes, block);
    const connection = new Connection(socket, block, load.inFlight, state.tally);
    onBytes((_, count) => connection.take(count));
    state.connections.push(connection);
  }
}

/**
 * One block out, and the same payloads back.
 * @param {import('node:net').Socket} socket
 * @param {(take: (bytes: Buffer, count: number) => void) => void} onBytes
 * @param {ReturnType<typeof blockOf>} block
 */
function check(socket, onBytes, { wire, replies }) {
  return new Promise((resolve, reject) => {
    let got = 0;
    onBytes((bytes, count) => {
      const isSame = bytes.compare(replies, got, Math.min(got + count, replies.length), 0, count) === 0;
      got += count;
      if (!isSame) reject(new Error(`the echo differs before byte ${got}`));
      else if (got === replies.length) resolve(undefined);
    });
    socket.write(wire);
  });
}

/** @param {{ ms: number, isTimed: boolean }} run */
async function runFor({ ms, isTimed }) {
  const { connections, tally, inFlight } = state;
  tally.messages = 0;
  tally.times = isTimed && inFlight === 1 ? [] : null;
  tally.isRunning = true;
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (const connection of connections) connection.send(inFlight);
  await wait(ms);
  const elapsed = performance.now() - started;
  const { messages, times } = tally;
  const { user, system } = process.cpuUsage(cpu);
  tally.isRunning = false;
  await drained(connections);
  assert.ok(messages > 0 || tally.messages > 0, 'not one message came back');
  return {
    perSecond: ((messages || tally.messages) / (messages ? elapsed : performance.now() - started)) * 1_000,
    messages: tally.messages,
    loadBusy: (user + system) / 1_000 / elapsed,
    ...(times === null || times.length === 0 ? {} : latencies(times)),
  };
}

/** @param {number[]} times */
function latencies(times) {
  const micro = (/** @type {number} */ share) => quantile(times, share) * 1_000;
  return { p50Us: micro(0.5), p99Us: micro(0.99), p999Us: micro(0.999) };
}

/** @param {readonly Connection[]} connections */
async function drained(connections) {
  const deadline = performance.now() + DRAIN_MS;
  while (connections.some(({ outstanding }) => outstanding !== 0)) {
    if (performance.now() > deadline) throw new Error('some messages never came back');
    await wait(POLL_MS);
  }
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

answer({
  open: openAll,
  run: runFor,
  close: () => {
    for (const connection of state.connections) connection.destroy();
    state.connections = [];
  },
});
