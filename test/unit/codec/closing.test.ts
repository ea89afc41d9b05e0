import { CLOSING, type CloseInput, type ClosePhase } from '../../../src/codec/closing.js';

/** The phase after these inputs, and the actions that they ask for. */
function run(...inputs: readonly CloseInput[]): { phase: ClosePhase; actions: readonly string[] } {
  let phase: ClosePhase = 'open';
  const actions = inputs.map((input) => {
    const { next, action } = CLOSING[phase][input];
    phase = next;
    return action;
  });
  return { phase, actions };
}

test.each([
  [
    'we close first',
    ['we-send', 'peer-sends', 'reading-ends', 'wire-dies'],
    'both',
    ['await-peer', 'finish', 'nothing', 'nothing'],
  ],
  ['the peer closes first', ['peer-sends', 'we-send', 'wire-dies'], 'both', ['answer', 'finish', 'nothing']],
  [
    'the peer closes and ends its side',
    ['peer-sends', 'reading-ends', 'we-send'],
    'both',
    ['answer', 'nothing', 'finish'],
  ],
  ['the wire is lost', ['wire-dies', 'peer-sends'], 'lost', ['cut-off', 'nothing']],
  ['the wire ends without a close', ['reading-ends'], 'lost', ['cut-off']],
  ['the peer never answers', ['we-send', 'time-runs-out'], 'lost', ['await-peer', 'too-late']],
  ['the wire is lost before the answer', ['we-send', 'wire-dies'], 'lost', ['await-peer', 'cut-off']],
  ['our app never answers', ['peer-sends', 'time-runs-out'], 'lost', ['answer', 'too-late']],
] as const)('%s', (_, inputs, phase, actions) => {
  expect(run(...inputs)).toEqual({ phase, actions });
});

const PHASES = Object.keys(CLOSING) as ClosePhase[];
const INPUTS = Object.keys(CLOSING.open) as CloseInput[];

test('what is over stays over: nothing more is done after both or lost', () => {
  for (const phase of ['both', 'lost'] as const) {
    for (const input of INPUTS) expect(CLOSING[phase][input]).toEqual({ next: phase, action: 'nothing' });
  }
});

test('any run of inputs fails or finishes at most once', () => {
  const last = new Set(['finish', 'cut-off', 'too-late']);
  for (let code = 0; code < INPUTS.length ** 5; code++) {
    const inputs = [0, 1, 2, 3, 4].map(
      (at) => INPUTS[Math.floor(code / INPUTS.length ** at) % INPUTS.length] ?? 'we-send',
    );
    expect(run(...inputs).actions.filter((action) => last.has(action)).length).toBeLessThan(2);
  }
});

test('every phase is reached from open', () => {
  const reached = new Set<ClosePhase>(['open']);
  for (const phase of reached) for (const input of INPUTS) reached.add(CLOSING[phase][input].next);
  expect([...reached].sort()).toEqual([...PHASES].sort());
});
