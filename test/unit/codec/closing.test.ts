import { CLOSING, type CloseAction, type CloseInput, type ClosePhase } from '../../../src/codec/closing.js';

const INPUTS: readonly CloseInput[] = ['we-send', 'peer-sends', 'reading-ends', 'wire-dies', 'time-runs-out'];
const PHASES = Object.keys(CLOSING) as ClosePhase[];

/** Each phase's answers to INPUTS, in order, written out a second time. */
const EXPECTED: Record<ClosePhase, readonly (readonly [ClosePhase, CloseAction])[]> = {
  open: [
    ['sent', 'await-peer'],
    ['received', 'answer'],
    ['lost', 'cut-off'],
    ['lost', 'cut-off'],
    ['open', 'nothing'],
  ],
  sent: [
    ['sent', 'nothing'],
    ['both', 'finish'],
    ['lost', 'cut-off'],
    ['lost', 'cut-off'],
    ['lost', 'too-late'],
  ],
  received: [
    ['both', 'finish'],
    ['received', 'nothing'],
    ['received', 'nothing'],
    ['lost', 'cut-off'],
    ['lost', 'too-late'],
  ],
  both: INPUTS.map(() => ['both', 'nothing']),
  lost: INPUTS.map(() => ['lost', 'nothing']),
};

const cells = PHASES.flatMap((phase) => INPUTS.map((input, at) => [phase, input, EXPECTED[phase][at]] as const));

test.each(cells)('%s, %s → %j', (phase, input, expected) => {
  const { next, action } = CLOSING[phase][input];
  expect([next, action]).toEqual(expected);
});

test('the table is total', () => {
  for (const phase of PHASES) expect(Object.keys(CLOSING[phase]).toSorted()).toEqual(INPUTS.toSorted());
});

/** Every sequence of `length` inputs, as the actions that it leads to. */
function* runs(
  length: number,
  phase: ClosePhase = 'open',
  actions: readonly CloseAction[] = [],
): Generator<{ phase: ClosePhase; actions: readonly CloseAction[] }> {
  yield { phase, actions };
  if (length === 0) return;
  for (const input of INPUTS) {
    const { next, action } = CLOSING[phase][input];
    yield* runs(length - 1, next, [...actions, action]);
  }
}

const ENDS: readonly CloseAction[] = ['finish', 'cut-off', 'too-late'];

test('in every order of inputs a connection ends at most once, and does nothing afterwards', () => {
  for (const { actions } of runs(5)) {
    const end = actions.findIndex((action) => ENDS.includes(action));
    if (end === -1) continue;
    expect(actions.slice(end + 1).every((action) => action === 'nothing')).toBe(true);
  }
});

test('it is over exactly when it has ended', () => {
  for (const { phase, actions } of runs(5)) {
    expect(phase === 'both' || phase === 'lost').toBe(actions.some((action) => ENDS.includes(action)));
  }
});

test('a lost wire ends whatever is not over yet', () => {
  for (const phase of PHASES) expect(['both', 'lost']).toContain(CLOSING[phase]['wire-dies'].next);
});
