/**
 * Tells of every frame of one socket, by the channel that the library has for it.
 *
 * Knows: `framepipe:frame`, and how a frame looks on a line.
 * Does not know: payloads; the channel does not carry them.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Opcode } from '../../codec/frame.js';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { countText } from '../units.js';

interface FrameEvent {
  readonly socket: unknown;
  readonly direction: 'in' | 'out';
  readonly opcode: number;
  readonly fin: boolean;
  readonly bytes: number;
}

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Opcode).map(([name, code]) => [code, name]),
);

/** Calls `onLine` for each frame of `ws` from now on. Until the socket is gone. */
export function watchFrames(ws: WebSocketDuplex<ReadAs>, onLine: (line: string) => void): void {
  const began = performance.now();
  const listener = (message: unknown) => {
    const frame = message as FrameEvent;
    if (frame.socket === ws) onLine(lineOf(frame, performance.now() - began));
  };
  subscribe('framepipe:frame', listener);
  ws.once('close', () => unsubscribe('framepipe:frame', listener));
}

/** `   0.012 s  ← text          5 bytes`; a frame that its message goes on after has a `+`. */
function lineOf({ direction, opcode, fin, bytes }: FrameEvent, ms: number): string {
  const time = `${(ms / 1_000).toFixed(3).padStart(8)} s`;
  const name = `${NAMES[opcode] ?? opcode}${fin ? '' : ' +'}`;
  return `${time}  ${direction === 'in' ? '←' : '→'} ${name.padEnd(14)} ${countText(bytes).padStart(12)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
