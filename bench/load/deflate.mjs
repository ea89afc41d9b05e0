/**
 * Load for an echo server that compresses: JSON messages, compressed beforehand with context takeover.
 *
 * Knows: that messages of one connection must leave in the order in which they were compressed; the first replies are
 * inflated and compared.
 * Does not know: the server's window; replies are counted as frames, whatever their size.
 */
import assert from 'node:assert/strict';
import { answer } from '../lib/answers.mjs';
import { frameOf, framesIn, keyFor, OPCODE } from '../lib/frames.mjs';
import { compressed, inflated, jsonMessages } from '../lib/json-messages.mjs';
import { FrameCounter } from './frame-counter.mjs';
import { open, requestFor } from './handshake.mjs';

/** @typedef {{ port: number, connections: number, inFlight: number, size: number }} Workload */
/** @typedef {{ messages: Buffer[], wire: Buffer, ends: number[] }} Script */

const OFFER = 'permessage-deflate; client_max_window_bits';
const SCRIPT_BYTES = 262_144;
const DRAIN_MS = 20_000;

class Connection {
  #socket;
  #script;
  #next = 0;
  #seen = 0;
  counter = new FrameCounter();
  sent = 0;
  isRunning = false;

  /** @param {import('node:net').Socket} socket @param {Script} script */
  constructor(socket, script) {
    this.#socket = socket;
    this.#script = script;
  }

  /** @param {number} messages Less than the script has. */
  send(messages) {
    const { ends, wire } = this.#script;
    this.sent += messages;
    for (let left = messages; left > 0; ) {
      const taken = Math.min(left, ends.length - this.#next);
      const from = this.#next === 0 ? 0 : ends[this.#next - 1];
      this.#next += taken;
      this.#socket.write(wire.subarray(from, ends[this.#next - 1]));
      if (this.#next === ends.length) this.#next = 0;
      left -= taken;
    }
  }

  /** @param {Buffer} bytes @param {number} count */
  take(bytes, count) {
    this.counter.take(bytes, count);
    const whole = this.counter.frames - this.#seen;
    this.#seen += whole;
    if (whole > 0 && this.isRunning) this.send(whole);
  }

  destroy() {
    this.#socket.destroy();
  }
}

/** @type {{ connections: Connection[], inFlight: number }} */
const state = { connections: [], inFlight: 1 };

/** @param {Workload} load @param {number} windowBits @returns {Promise<Script>} */
async function scriptOf({ size, inFlight }, windowBits) {
  const messages = jsonMessages(size, Math.max(inFlight + 1, 4, Math.min(64, Math.floor(SCRIPT_BYTES / size))));
  const payloads = await compressed(messages, windowBits);
  const frames = payloads.map((payload, at) => frameOf({ opcode: OPCODE.text, payload, key: keyFor(at), rsv1: true }));
  let end = 0;
  const ends = frames.map((frame) => (end += frame.length));
  return { messages, wire: Buffer.concat(frames), ends };
}

/** @param {Workload} load */
async function openAll(load) {
  const request = requestFor(load.port, OFFER);
  const first = await open({ port: load.port, request });
  const agreed = /^sec-websocket-extensions:\s*(permessage-deflate.*)$/im.exec(first.head)?.[1];
  if (agreed === undefined) throw new Error('the server does not compress');
  assert.doesNotMatch(agreed, /no_context_takeover/, 'the server gave up context takeover');
  const script = await scriptOf(load, Number(/client_max_window_bits=(\d+)/.exec(agreed)?.[1] ?? 15));
  await check(first, script);
  first.socket.destroy();
  state.inFlight = load.inFlight;
  state.connections = [];
  for (let at = 0; at < load.connections; at++) {
    const { socket, onBytes } = await open({ port: load.port, request });
    const connection = new Connection(socket, script);
    onBytes((bytes, count) => connection.take(bytes, count));
    state.connections.push(connection);
  }
}

/** The whole script out, the same messages back. @param {Awaited<ReturnType<typeof open>>} opened @param {Script} script */
async function check({ socket, onBytes }, { messages, wire }) {
  const counter = new FrameCounter();
  /** @type {Buffer[]} */
  const got = [];
  await new Promise((resolve) => {
    onBytes((bytes, count) => {
      got.push(Buffer.from(bytes.subarray(0, count)));
      counter.take(bytes, count);
      if (counter.frames === messages.length) resolve(undefined);
    });
    socket.write(wire);
  });
  const replies = framesIn(Buffer.concat(got));
  assert.ok(
    replies.every(({ rsv1 }) => rsv1),
    'a reply is not compressed',
  );
  assert.ok(inflated(replies.map(({ payload }) => payload)).equals(Buffer.concat(messages)), 'the echo differs');
}

/** @param {{ ms: number }} run */
async function runFor({ ms }) {
  const { connections, inFlight } = state;
  const frames = () => connections.reduce((sum, { counter }) => sum + counter.frames, 0);
  const before = frames();
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (const connection of connections) {
    connection.isRunning = true;
    connection.send(inFlight);
  }
  await wait(ms);
  for (let more = 0; frames() === before && more < DRAIN_MS; more += ms) await wait(ms);
  const elapsed = performance.now() - started;
  const messages = frames() - before;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of connections) connection.isRunning = false;
  await drained();
  const loadBusy = (user + system) / 1_000 / elapsed;
  return { perSecond: (messages / elapsed) * 1_000, messages: frames() - before, loadBusy };
}

async function drained() {
  const deadline = performance.now() + DRAIN_MS;
  while (state.connections.some(({ sent, counter }) => counter.frames < sent)) {
    if (performance.now() > deadline) throw new Error('some messages never came back');
    await wait(5);
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
  },
});
