/** What a server's handshake yields, for the tests of ServerUpgrade. */

import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { acceptanceHead } from '../../src/handshake/response-head.js';
import type { ServerUpgradeEvent, ServerUpgradeOptions } from '../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { received } from './received.js';
import { socketPair } from './socket-pair.js';
import { ACCEPT, wireOf } from './upgrade-request.js';

/** The 101 when nothing is negotiated, one byte a character (latin1). */
export const ACCEPTED = acceptanceHead({ accept: ACCEPT }).toString('latin1');

/** RFC 6455 §5.7: a masked text frame, "Hello", and the unmasked one. */
export const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex').toString('latin1');
export const HELLO_BACK = '\x81\x05Hello';

export async function upgraded(stage: ServerUpgrade): Promise<ServerUpgradeEvent> {
  const [event] = await once(stage, 'upgrade');
  return event as ServerUpgradeEvent;
}

export function failure(stage: Duplex): Promise<Error> {
  return new Promise((resolve) => stage.once('error', resolve));
}

/** Everything that a server over TCP answers to `wire`, until it ends; an accepted peer is answered 'open' and an end. */
export async function answerTo(wire: string, options: ServerUpgradeOptions = {}): Promise<string> {
  const { near, far } = await socketPair();
  const stage = new ServerUpgrade(near, options).on('error', () => {});
  stage.end('open');
  far.write(wire, 'latin1');
  const answer = await received(far);
  far.end();
  if (!near.closed) await Promise.race([once(near, 'close'), turn()]);
  stage.destroy();
  return answer;
}

/** The status of a raw response; NaN when it is none. */
export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

/** The request is refused with `status`, the connection is closed, and nothing that follows is answered. */
export async function expectRefused(wire: string, status: number, options?: ServerUpgradeOptions): Promise<void> {
  const answer = await answerTo(`${wire}${wireOf()}`, options);
  expect(statusOf(answer)).toBe(status);
  expect(answer).toMatch(/\r\nConnection: close(, Upgrade)?\r\n/);
  expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  expect(answer).not.toContain(ACCEPT);
}
