/**
 * Clients for a Broadcast: over memory, so that a reader that has stopped stops the sender at once.
 *
 * Knows: how much such a transport takes before it is full.
 * Does not know: Broadcast.
 */
import { duplexPair } from 'node:stream';
import { type Facing, type FacingOptions, facing } from './web-sockets.js';

/** More than a transport in memory takes: what is written after it waits. */
export const PLUG = 'P'.repeat(70_000);

/** A socket and its peer, which reads nothing until `peer.read()` when `reading` is false. */
export function member(options: FacingOptions = {}): Promise<Facing> {
  return facing({ ends: duplexPair(), ...options });
}

/** Payloads of the data frames that the peer has read, as strings; the plug as 'PLUG'. */
export function heard({ peer }: Facing): string[] {
  const data = peer.frames.filter(({ opcode }) => opcode < 8);
  return data.map(({ payload }) => (payload.length === PLUG.length ? 'PLUG' : String(payload)));
}

/** Resolves when the peer has read a message of that text. */
export function heardOf(one: Facing, text: string): Promise<void> {
  return one.peer.until(() => heard(one).includes(text));
}
