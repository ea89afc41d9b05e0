/**
 * Real programs against ours, at the strict defaults, in each role that they have. Each scenario is one row of
 * scenarios/; what was seen goes to docs/interop.md.
 */
import { ENDINGS } from './scenarios/endings.js';
import { HANDSHAKE } from './scenarios/handshake.js';
import { MESSAGES } from './scenarios/messages.js';
import { PEERS } from './support/peers.js';
import { leave, type Row } from './support/results.js';
import { isPossible } from './support/scenario.js';
import { Stage } from './support/stage.js';

const SCENARIOS = [...HANDSHAKE, ...MESSAGES, ...ENDINGS];
const COLUMNS = [...new Set(SCENARIOS.map(({ shows }) => shows))];

const rows: Row[] = [];
afterAll(() => leave('peers', rows));

describe.each(PEERS.map((peer) => [peer.name, peer] as const))('%s', (_, peer) => {
  const missing = peer.missing();
  if (missing !== null) {
    test.skip(`is not here: ${missing}`, () => {});
    return;
  }
  describe.each(peer.roles)('as the %s', (role) => {
    const possible = SCENARIOS.filter((scenario) => isPossible(scenario, peer, role));
    const passed: Record<string, number> = Object.fromEntries(COLUMNS.map((column) => [column, 0]));
    let stage: Stage;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      const puppet = await peer.start(role);
      stop = () => puppet.end();
      stage = await Stage.open(role, puppet);
    });
    afterEach(() => stage.end());
    afterAll(async () => {
      const { name, from, violation } = peer;
      const notes = violation === undefined ? peer.notes : [...peer.notes, `Can be made to send ${violation.is}.`];
      rows.push({ name, from, version: stage.version, role, passed, notes });
      await stop();
    });

    test.each(possible.map((one) => [one.name, one] as const))('%s', async (_name, scenario) => {
      await scenario.run(stage, peer);
      passed[scenario.shows] = (passed[scenario.shows] ?? 0) + 1;
    });
  });
});
