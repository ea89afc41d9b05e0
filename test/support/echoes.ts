/**
 * What goes into a WebSocket and comes back: by `pipe`, which forwards, or under the eyes of a listener, which must be the same.
 *
 * Knows: messages of all kinds and sizes, cut anywhere; that what is counted is what has come.
 * Does not know: which frames are expected.
 */
import { once } from 'node:events';
import type { Frame } from '../../src/codec/frame.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { binary, continuation, ping, text, wireOf } from './frames.js';
import { type Facing, lifeOf } from './web-sockets.js';
import { repeatable } from './wire.js';

const KEY = Buffer.from('37fa213d', 'hex');

/** Around each size from which on payloads are kept, copied or sent in another way. */
const SIZES = [0, 1, 15, 16, 33, 125, 126, 1_000, 1_024, 1_025, 4_096, 4_097, 16_384, 40_000, 70_000, 300_000];
export const ALPHABETS = ['plain ASCII, ', 'Grüße, ', '🦜'];

/** Messages in runs of one kind and size, alone, and in fragments, with pings among them. */
export function someFrames(seed: number, runs: number): Frame[] {
  const random = repeatable(seed);
  const payload = (size: number) => Buffer.alloc(size, random(1 << 30).toString(36));
  const words = (size: number) => (ALPHABETS[random(3)] as string).repeat(1 + size / 8);
  return Array.from({ length: runs }, () => {
    const size = SIZES[random(SIZES.length)] as number;
    const kind = random(5);
    if (kind === 0) return [ping(payload(random(125)))];
    if (kind === 1) return [binary(payload(size), false), ping('within'), continuation(payload(size))];
    if (kind === 2) return [text(words(size), false), continuation(words(9))];
    return Array.from({ length: size > 5_000 ? 1 : 1 + random(20) }, () =>
      kind === 3 ? binary(payload(size)) : text(words(size)),
    );
  }).flat();
}

export const masked = (frames: readonly Frame[]) => Buffer.concat(frames.map((frame) => wireOf(frame, { key: KEY })));

export type Echo = (ws: WebSocketDuplex) => void;

export const PIPED: Echo = (ws) => ws.pipe(ws);

/** Somebody else listens, so each message is given out. */
export const WATCHED: Echo = (ws) => void ws.on('data', () => {}).pipe(ws);

/** Sends `wire` in pieces; resolves with what comes back until the end, and what the WebSocket says of itself. */
export async function echoOf(wire: Buffer, echo: Echo, { ws, peer }: Facing, seed: number) {
  const random = repeatable(seed);
  const life = lifeOf(ws);
  echo(ws);
  for (let at = 0; at < wire.length; ) {
    const size = 1 + random(random(2) === 0 ? 100 : 300_000);
    if (!peer.socket.write(wire.subarray(at, at + size))) await once(peer.socket, 'drain');
    at += size;
  }
  peer.socket.end();
  await life.over;
  if (!peer.hasEnded) await once(peer.socket, 'close');
  // How many pongs a blocked transport saves depends on when it is.
  const { framesSent, bytesSent, ...counts } = ws.stats;
  expect([framesSent, bytesSent]).toEqual([peer.frames.length, peer.heardBytes]);
  return { frames: peer.frames, counts, errors: life.errors.map(({ code, facts }) => ({ code, facts })) };
}
