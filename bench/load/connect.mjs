/**
 * Load of handshakes: connect, upgrade, close frame, and the server's answer to it; then the next one.
 *
 * Knows: how many are under way at once, that every one must go all the way, and that a port is free again only after a
 * minute, so on Linux the addresses 127.0.0.x take turns.
 * Does not know: the server.
 */
import { answer } from '../lib/answers.mjs';
import { frameOf, keyFor, OPCODE } from '../lib/frames.mjs';
import { open, requestFor } from './handshake.mjs';

const CLOSE = frameOf({ opcode: OPCODE.close, payload: Buffer.of(3, 232), key: keyFor(1) });
const CLOSE_OPCODE = 0x88;
const ADDRESSES = 200;
const LOWEST = 2;

/** @param {number} port @param {number} at @param {Buffer} request */
async function once(port, at, request) {
  const local = process.platform === 'linux' ? { localAddress: `127.0.0.${LOWEST + (at % ADDRESSES)}` } : {};
  const { socket, onBytes } = await open({ port, request, readBytes: 1_024, ...local });
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
    while (performance.now() - started < ms) await once(port, count++, request);
  };
  await Promise.all(Array.from({ length: parallel }, line));
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / elapsed) * 1_000, count, loadBusy: (user + system) / 1_000 / elapsed };
}

answer({ run });
