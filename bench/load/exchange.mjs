/**
 * Messages in flight on many connections, and their echoes counted by bytes.
 *
 * Knows: how many messages each connection keeps in flight, round trips where that is one, and that as many bytes must come
 * back as went out.
 * Does not know: which side it is on; `blockOf` masks what a client sends and expects masks from one.
 */
import assert from 'node:assert/strict';
import { frameOf, framesIn, keyFor, noise, OPCODE, text } from '../lib/frames.mjs';
import { quantile } from '../lib/statistics.mjs';

/** @typedef {{ connections: number, inFlight: number, size: number, type: 'text' | 'binary' }} Workload */

const DRAIN_MS = 10_000;
const POLL_MS = 5;

/**
 * What every connection sends, all that is in flight at once, and how much comes back for it.
 * @param {Workload} load
 * @param {'client' | 'server'} us
 */
export function blockOf({ inFlight, size, type }, us) {
  const payloads = Array.from({ length: inFlight }, (_, at) => (type === 'text' ? text(size) : noise(size, at)));
  const opcode = OPCODE[type];
  const wire = Buffer.concat(
    payloads.map((payload, at) => frameOf({ opcode, payload, key: us === 'client' ? keyFor(at) : null })),
  );
  const replyBytes = frameOf({ opcode, payload: noise(size), key: us === 'client' ? null : keyFor(0) }).length;
  return { payloads, wire, frameBytes: wire.length / inFlight, replyBytes };
}

/**
 * One block out, and the same payloads back.
 * @param {import('node:net').Socket} socket
 * @param {(take: (bytes: Buffer, count: number) => void) => void} onBytes
 * @param {ReturnType<typeof blockOf>} block
 */
export async function checkEcho(socket, onBytes, { payloads, wire, replyBytes }) {
  /** @type {Buffer[]} */
  const got = [];
  let left = replyBytes * payloads.length;
  await new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error(`closed with ${left} bytes of the echo to come`)));
    onBytes((bytes, count) => {
      got.push(Buffer.from(bytes.subarray(0, count)));
      left -= count;
      if (left <= 0) resolve(undefined);
    });
    socket.write(wire);
  });
  const frames = framesIn(Buffer.concat(got));
  assert.equal(frames.length, payloads.length, 'so many frames did not come back');
  assert.ok(
    frames.every(({ payload }, at) => payloads[at]?.equals(payload)),
    'the echo differs',
  );
}

class Connection {
  #socket;
  #block;
  #exchange;
  #pending = 0;
  #sentAt = 0;
  outstanding = 0;

  /** @param {import('node:net').Socket} socket @param {ReturnType<typeof blockOf>} block @param {Exchange} exchange */
  constructor(socket, block, exchange) {
    this.#socket = socket;
    this.#block = block;
    this.#exchange = exchange;
  }

  /** Sends `messages` of the block. @param {number} messages */
  send(messages) {
    this.outstanding += messages;
    if (this.#exchange.times !== null) this.#sentAt = performance.now();
    this.#socket.write(this.#block.wire.subarray(0, messages * this.#block.frameBytes));
  }

  /** @param {number} count Bytes that came back. */
  take(count) {
    const { replyBytes } = this.#block;
    this.#pending += count;
    if (this.#pending < replyBytes) return;
    const whole = Math.floor(this.#pending / replyBytes);
    this.#pending -= whole * replyBytes;
    this.outstanding -= whole;
    this.#exchange.messages += whole;
    this.#exchange.times?.push(performance.now() - this.#sentAt);
    if (this.#exchange.isRunning) this.send(whole);
  }

  destroy() {
    this.#socket.destroy();
  }
}

/** All connections of a turn, and what they have counted. */
export class Exchange {
  #block;
  #inFlight;
  /** @type {Connection[]} */
  #connections = [];
  messages = 0;
  isRunning = false;
  /** Round trips in milliseconds, where there is one message in flight. @type {number[] | null} */
  times = null;

  /** @param {Workload} load @param {ReturnType<typeof blockOf>} block */
  constructor(load, block) {
    this.#block = block;
    this.#inFlight = load.inFlight;
  }

  /** @param {import('node:net').Socket} socket */
  add(socket) {
    const connection = new Connection(socket, this.#block, this);
    this.#connections.push(connection);
    return connection;
  }

  /** Keeps all connections busy for `ms` milliseconds, then waits for what is still under way. @param {{ ms: number, isTimed: boolean }} how */
  async run({ ms, isTimed }) {
    this.messages = 0;
    this.times = isTimed && this.#inFlight === 1 ? [] : null;
    this.isRunning = true;
    const cpu = process.cpuUsage();
    const started = performance.now();
    for (const connection of this.#connections) connection.send(this.#inFlight);
    do await wait(ms);
    while (this.messages === 0 && performance.now() - started < DRAIN_MS);
    const elapsed = performance.now() - started;
    const inTime = this.messages;
    const { user, system } = process.cpuUsage(cpu);
    this.isRunning = false;
    await this.#drained();
    return {
      perSecond: (inTime / elapsed) * 1_000,
      messages: this.messages,
      loadBusy: (user + system) / 1_000 / elapsed,
      ...(this.times === null ? {} : latencies(this.times)),
    };
  }

  close() {
    for (const connection of this.#connections.splice(0)) connection.destroy();
  }

  async #drained() {
    const deadline = performance.now() + DRAIN_MS;
    while (this.#connections.some(({ outstanding }) => outstanding !== 0)) {
      if (performance.now() > deadline) throw new Error('some messages never came back');
      await wait(POLL_MS);
    }
  }
}

/** @param {number[]} times */
function latencies(times) {
  const micro = (/** @type {number} */ share) => quantile(times, share) * 1_000;
  return { p50Us: micro(0.5), p99Us: micro(0.99), p999Us: micro(0.999) };
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
