/**
 * Load of handshakes: connect, upgrade, close frame, and the server's answer to it; then the next one.
 *
 * Knows: how many are under way at once, and that every one must go all the way. A port is free again only after a minute;
 * as each server listens on a port of its own, a turn has 28,000 of them.
 * Does not know: the server.
 */
import { answer } from '../lib/answers.mjs';
import { frameOf, keyFor, OPCODE } from '../lib/frames.mjs';
import { open, requestFor } from './handshake.mjs';

const CLOSE = frameOf({ opcode: OPCODE.close, payload: Buffer.of(3, 232), key: keyFor(1) });
const CLOSE_OPCODE = 0x88;

/** @param {number} port @param {Buffer} request */
async function once(port, request) {
  const { socket, onBytes } = await open({ port, request, readBytes: 1_024 });
  let isAnswered = false;
  onBytes((bytes) => {
    if (bytes[0] !== CLOSE_OPCODE) throw new Error('no close frame came back');
    isAnswered = true;
    socket.end();
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(CLOSE);
  await closed;
  if (!isAnswered) throw new Error('the connection ended without a close frame');
}

/** @param {{ port: number, ms: number, parallel: number }} how */
async function run({ port, ms, parallel }) {
  const request = requestFor(port);
  const cpu = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  const line = async () => {
    while (performance.now() - started < ms) {
      await once(port, request);
      count++;
    }
  };
  await Promise.all(Array.from({ length: parallel }, line));
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / elapsed) * 1_000, count, loadBusy: (user + system) / 1_000 / elapsed };
}

answer({ run });
