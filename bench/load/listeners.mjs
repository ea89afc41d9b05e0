/**
 * Clients that only listen: raw sockets that count the frames that arrive.
 *
 * Knows: how many frames there are in all, when the first and the last came, how to stop reading on some sockets.
 * Does not know: what is in a frame. The first client's frames are counted like all others'.
 */
import { answer } from '../lib/answers.mjs';
import { FrameCounter } from './frame-counter.mjs';
import { open, requestFor } from './handshake.mjs';

const AT_ONCE = 64;

/** @typedef {{ port: number, connections: number, extensions?: string, stalled?: number }} Crowd */

/** @type {{ crowd: string, sockets: import('node:net').Socket[], frames: number, firstAt: number, lastAt: number, wanted: number, reached: () => void }} */
const state = {
  crowd: '',
  sockets: [],
  frames: 0,
  firstAt: 0,
  lastAt: 0,
  wanted: Number.POSITIVE_INFINITY,
  reached: () => {},
};

/** @param {number} port @param {Buffer} request */
async function openOne(port, request) {
  const { socket, onBytes } = await open({ port, request, readBytes: 16_384 });
  const counter = new FrameCounter();
  onBytes((bytes, count) => {
    const before = counter.frames;
    counter.take(bytes, count);
    state.lastAt = performance.now();
    state.firstAt ||= state.lastAt;
    state.frames += counter.frames - before;
    if (state.frames >= state.wanted) state.reached();
  });
  state.sockets.push(socket);
}

/** Keeps those that are open if they are what is asked for: thousands take seconds. @param {Crowd} crowd */
async function openAll(crowd) {
  const { port, connections, extensions, stalled = 0 } = crowd;
  state.frames = 0;
  if (state.crowd === JSON.stringify(crowd)) return;
  await closeAll();
  state.crowd = JSON.stringify(crowd);
  const request = requestFor(port, extensions);
  let next = 0;
  const line = async () => {
    while (next++ < connections) await openOne(port, request);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  for (const socket of state.sockets.slice(0, stalled)) socket.pause();
}

/** More is about to come: `until` tells the time from the first bytes of it. */
function expect() {
  state.firstAt = 0;
}

/** Resolves when so many frames, or more, have arrived since `open`. @param {{ frames: number }} what */
async function atLeast({ frames }) {
  if (state.frames < frames) {
    state.wanted = frames;
    await new Promise((resolve) => {
      state.reached = () => resolve(undefined);
    });
  }
  state.wanted = Number.POSITIVE_INFINITY;
}

/** The same, and no more than that. Says how far the first and the last bytes since `expect` were apart. @param {{ frames: number }} what */
async function until({ frames }) {
  await atLeast({ frames });
  if (state.frames > frames) throw new Error(`${state.frames} frames came, ${frames} were sent`);
  return { spreadMs: state.lastAt - state.firstAt };
}

async function closeAll() {
  const closed = state.sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of state.sockets) socket.destroy();
  state.sockets = [];
  state.crowd = '';
  await Promise.all(closed);
}

answer({ open: openAll, expect, until, atLeast, close: closeAll });
