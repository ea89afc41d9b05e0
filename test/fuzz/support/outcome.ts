/**
 * What an implementation made of a wire, in a form that can be compared.
 */

/** Everything that came out, in order, and the violation that ended it. */
export interface Outcome {
  /** A letter (text, binary, ping, pong, close) and the payload, one byte a character; text as it was decoded. */
  readonly events: readonly string[];
  /** The close code that the peer is to be told, 0 while everything is legal. */
  readonly closeCode: number;
  /** What the implementation calls the violation; empty while everything is legal. */
  readonly code: string;
  /** Its sentence about it, where it has one. */
  readonly why: string;
  /** What the reference saw on the way, each with the number of events before it. */
  readonly oddities?: ReadonlyMap<Oddity, number>;
}

/** What is legal for us, or illegal, and something else for others. */
export type Oddity =
  | 'a final block'
  | 'a compressed message of no bytes'
  | 'an end within a block'
  | 'more compressed bytes than the limit';

/** Events and close code, for people. */
export function describeOutcome({ events, closeCode, code, why }: Outcome): string {
  const shown = events.map((event) => (event.length > 40 ? `${event.slice(0, 40)}… (${event.length})` : event));
  return `${JSON.stringify(shown)} ${closeCode === 0 ? 'legal' : `${closeCode} ${code} ${why}`}`;
}

/** True when the first `count` events are the same. */
export function sameEvents(left: readonly string[], right: readonly string[], count: number): boolean {
  for (let at = 0; at < count; at++) if (left[at] !== right[at]) return false;
  return true;
}
