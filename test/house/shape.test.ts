/** How a file is built: docstrings, budgets, no state at module level. Each rule is shown to fail on bad examples first. */
import {
  fileLengthFaults,
  functionLengthFaults,
  MAX_FILE_LINES,
  MAX_FUNCTION_LINES,
  staleExceptions,
} from './support/budgets.js';
import { docstringFaults, openingFaults } from './support/prose.js';
import { source, sourcesIn } from './support/source.js';
import { stateFaults } from './support/state.js';

const sources = sourcesIn('src');
const example = (text: string) => [source('src/example.ts', text)];
const lines = (count: number) => 'x;\n'.repeat(count);

describe('a file opens by saying what it is', () => {
  test.each([
    ['no docstring', "import 'a';"],
    ['a line comment', '// Masks. In place.\n'],
    ['one sentence', '/** Masks bytes. */\n'],
    ['no boundary in a long file', `/** Masks bytes. In place. */\n${lines(60)}`],
  ])('%s', (_, text) => {
    expect(openingFaults(example(text))).toHaveLength(1);
  });

  test('two sentences do for a short file, after a #! line too', () => {
    expect(openingFaults(example('#!/usr/bin/env node\n/** Masks bytes. In place. */\n'))).toEqual([]);
  });

  test('the sources keep to it', () => {
    expect(openingFaults(sources)).toEqual([]);
  });
});

describe('an export says what it does', () => {
  test.each([
    'export function f() {}',
    'export class C {}',
    'export interface I {}',
    'export interface I {\n/** Said. */\na: 1;\nunsaid: 2 }',
    'export const f = () => 1;',
    '/* not a docstring */ export function f() {}',
    '/** The opening docstring. It is not the function’s. */\nexport function f() {}',
  ])('%s', (text) => {
    expect(docstringFaults(example(text))).toHaveLength(1);
  });

  test('an interface whose members all say what they are passes', () => {
    expect(docstringFaults(example('export interface I {\n/** One. */\na: 1;\n/** Two. */\nb: 2 }'))).toEqual([]);
  });

  test('a documented export, an overload, a plain constant and a private function pass', () => {
    const text =
      '/** File. */\n\n/** F. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\nexport const N = 1;\nclass P {}';
    expect(docstringFaults(example(text))).toEqual([]);
  });

  test('the sources keep to it', () => {
    expect(docstringFaults(sources)).toEqual([]);
  });
});

describe('modules hold no state', () => {
  test.each([
    'let next = 0;',
    'export var seen = 1;',
    'const cache = new Map(); function put(k: string) { cache.set(k, 1); }',
    'const pool = new Uint8Array(9); const take = () => { pool[0] = 1; };',
    'const counts = { a: 0 }; class C { tick() { counts.a++; } }',
    'const key = Buffer.alloc(4); function k() { key.writeUInt32BE(1); }',
    'const o = { in: { a: 1 } }; function f() { delete o.in.a; }',
    'class C { static made = 0; }',
  ])('%s', (text) => {
    expect(stateFaults(example(text))).toHaveLength(1);
  });

  test('a table filled while loading, a local variable and a constant static pass', () => {
    const text =
      'const T = new Uint8Array(2); for (const i of [0, 1]) T[i] = i; function f() { let n = 0; n += 1; return n; }';
    expect(stateFaults(example(`${text} class C { static readonly made = 0; }`))).toEqual([]);
  });

  test('the sources keep to it', () => {
    expect(stateFaults(sources)).toEqual([]);
  });
});

describe('a file and a function fit in a view', () => {
  const everywhere = [...sources, ...sourcesIn('test', 'bench', 'scripts', 'examples')];
  const long = `function long() {\n${lines(MAX_FUNCTION_LINES - 1)}}\n`;

  test('one line over the budget is a fault', () => {
    expect(fileLengthFaults(example(lines(MAX_FILE_LINES)))).toEqual([]);
    expect(fileLengthFaults(example(lines(MAX_FILE_LINES + 1)))).toHaveLength(1);
    expect(functionLengthFaults(example(long))).toEqual(['src/example.ts:1 long has 41 lines, the budget is 40']);
    expect(functionLengthFaults(example(long.replace('x;\n', '')))).toEqual([]);
  });

  test('methods and arrow functions count as well', () => {
    const body = lines(MAX_FUNCTION_LINES);
    expect(functionLengthFaults(example(`class C {\nconstructor() {\n${body}}\n}`))).toHaveLength(1);
    expect(functionLengthFaults(example(`const arrow = () => {\n${body}};`))).toEqual([
      expect.stringContaining('arrow'),
    ]);
  });

  test('an exception is by name, and is stale once the function is gone', () => {
    const exceptions = { 'src/example.ts#long': 'a kernel with an oracle' };
    expect(functionLengthFaults(example(long), exceptions)).toEqual([]);
    expect(staleExceptions(example(long), exceptions)).toEqual([]);
    expect(staleExceptions(example('x;'), exceptions)).toEqual(['src/example.ts#long']);
  });

  test('every file keeps to it, and no exception is stale', () => {
    expect(fileLengthFaults(everywhere)).toEqual([]);
    expect(functionLengthFaults(sources)).toEqual([]);
    expect(staleExceptions(sources)).toEqual([]);
  });
});
