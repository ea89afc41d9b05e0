/**
 * One side of a recorded session, said again.
 *
 * Knows: who says what, when it is its turn, and how to wait for room.
 * Does not know: files, or whether the other side is a server or a client.
 */
import { Buffer } from 'node:buffer';
import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { closeCodeOf, type Sender, type SessionEvent } from '../session-file.js';

/** How a side is played. */
export interface Part {
  /** Whose messages are sent. */
  readonly as: Sender;
  /** So many times as fast; Infinity makes no pauses. */
  readonly speed: number;
  /** Wait for each message of the other side, instead of for the time at which it came. */
  readonly inTurn: boolean;
}

/** Whoever is sent something waits no longer than this for the clock. */
const SHORTEST_PAUSE_MS = 1;

/**
 * Sends what `as` has sent, and closes as it did, or with 1000. Resolves when that is done or the connection is over.
 * Never rejects: a mistake in the events ends the connection, and is its error. Reads `ws`, from now on.
 */
export async function play(
  ws: WebSocketDuplex,
  events: AsyncIterable<SessionEvent>,
  { as, speed, inTurn }: Part,
): Promise<void> {
  const turns = new Turns(ws);
  try {
    await ws.opened;
    let began = performance.now();
    for await (const event of events) {
      const isWaitedFor = inTurn && event.from !== as && event.type !== 'close';
      const dueAt = event.ms / speed;
      if (isWaitedFor) {
        await Promise.race([turns.next(), ws.closed]);
        began = performance.now() - dueAt;
      }
      const pause = dueAt - (performance.now() - began);
      if (pause > SHORTEST_PAUSE_MS) await Promise.race([wait(pause, undefined, { ref: false }), ws.closed]);
      if (ws.writableEnded || ws.destroyed) return;
      if (event.from !== as) continue;
      if (event.type === 'close') return void ws.close(closeCodeOf(event), event.reason);
      if (!ws.write(event.type === 'text' ? event.text : Buffer.from(event.base64, 'base64'))) await roomIn(ws);
    }
    ws.end();
  } catch (error) {
    ws.destroy(error as Error);
  }
}

/** Resolves when there is room, or when there is nobody to send to any more. */
export function roomIn(ws: WebSocketDuplex): Promise<void> {
  return new Promise((resolve) => {
    ws.once('drain', resolve).once('close', resolve);
  });
}

/** The messages of the other side, one by one, whether they came before they were asked for or come later. */
class Turns {
  #heard = 0;
  #next: (() => void) | null = null;

  constructor(ws: WebSocketDuplex) {
    ws.on('data', () => {
      this.#heard++;
      this.#next?.();
    });
  }

  async next(): Promise<void> {
    if (this.#heard === 0) {
      await new Promise<void>((resolve) => {
        this.#next = resolve;
      });
    }
    this.#next = null;
    this.#heard--;
  }
}
