/**
 * The mutants of a source, each as a whole text.
 *
 * Knows: that Stryker's instrumenter says what there is to change, and how its changes are put into the text. Nothing is
 * instrumented: a mutant runs as fast as the source.
 * Does not know: tests.
 */
import { createInstrumenter } from '@stryker-mutator/instrumenter';
import { createInjector } from 'typed-inject';

/** The changes that are no expressions; all others get parentheses, because they may bind less than what they replace. */
const STATEMENTS = new Set(['BlockStatement', 'SwitchCase']);

const SILENT = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {} };

/** All mutants of `source`: where they are (`line`, `column`, both from 1), the line as it was, the change, the text. */
export async function mutantsOf(name, source) {
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const instrumenter = createInjector()
    .provideValue('logger', SILENT)
    .provideValue('getLogger', () => SILENT)
    .provideValue('options', options)
    .injectFunction(createInstrumenter);
  const { mutants } = await instrumenter.instrument([{ name, content: source, mutate: true }], options);
  const lines = source.split('\n');
  const starts = lines.map((_, at) => lines.slice(0, at).join('\n').length + Math.min(at, 1));
  const indexOf = ({ line, column }) => starts[line] + column;
  return mutants.map(({ mutatorName, replacement, location: { start, end } }) => {
    const change = STATEMENTS.has(mutatorName) ? replacement : `(${replacement})`;
    const text = source.slice(0, indexOf(start)) + change + source.slice(indexOf(end));
    const was = source.slice(indexOf(start), indexOf(end));
    return { line: start.line + 1, column: start.column + 1, was, replacement, text };
  });
}
