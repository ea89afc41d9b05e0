/**
 * One end of a connection that does what no WebSocket library does. Arguments: our side, the name of the part.
 */
import { report, told } from './parent.mjs';
import { meetRaw } from './raw-socket.mjs';

const [side, part] = process.argv.slice(2);
const MASKED = side === 'client' ? 0x80 : 0;

/** A frame whose masking key, if any, is zero. */
function frame(first, payload) {
  const key = MASKED ? [0, 0, 0, 0] : [];
  return Buffer.from([first, MASKED | payload.length, ...key, ...payload]);
}

const PARTS = {
  'say nothing, ever': () => {},
  'half-close': (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  'half-close within a frame': (socket) => socket.end(frame(0x82, [1, 2, 3]).subarray(0, -1)),
  'half-close within a message': (socket) => socket.end(frame(0x02, [1, 2, 3])),
  'half-close after a close frame': (socket) => socket.end(frame(0x88, [3, 232])),
};

const socket = await meetRaw(side);
let received = 0;
// What never ends by itself ends when the other side has let go of it.
socket.on('end', () => socket.end());
socket.on('close', () => report('received', received));
report('ready');
await told('act');
socket.on('data', (chunk) => {
  received += chunk.length;
});
PARTS[part](socket);
