/** What is tried with each peer, as data: scenarios/ has the rows, peers.test.ts runs them and docs/interop.md shows them. */
import type { Role } from '../../../src/codec/frame.js';
import type { Ability, Peer } from './peers.js';
import type { Stage } from './stage.js';

/** A column of docs/interop.md. */
export type Capability =
  | 'handshake'
  | 'refusal'
  | 'messages'
  | 'fragments'
  | 'pings'
  | 'closing'
  | 'cut'
  | 'limits'
  | 'violation'
  | 'compression';

export interface Scenario {
  readonly shows: Capability;
  readonly name: string;
  /** The peer's role, when only one makes sense. */
  readonly role?: Role;
  readonly needs?: Ability;
  run(stage: Stage, peer: Peer): Promise<void>;
}

/** Whether a peer's API lets it take part. */
export function isPossible(scenario: Scenario, peer: Peer, role: Role): boolean {
  if (scenario.role !== undefined && scenario.role !== role) return false;
  return scenario.needs === undefined || !peer.lacks.includes(scenario.needs);
}
