/**
 * The examples of the front page as the four kinds of program that a reader may make of them.
 *
 * Knows: what differs between the kinds: how modules are named, and that CommonJS has no `await` outside of a function.
 * Does not know: what an example does. Its text is not changed otherwise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeBlock, codeBlocks } from '../../docs/support/markdown.js';
import { ROOT } from './consumer.js';

/** The examples of README.md, those that are programs. */
export function readmeExamples(): CodeBlock[] {
  const markdown = readFileSync(join(ROOT, 'README.md'), 'utf8');
  return codeBlocks('README.md', markdown).filter(({ language }) => language === 'ts');
}

/** One kind of program: where it is put, and how the text of an example becomes it. */
export interface Kind {
  readonly name: string;
  /** A folder below the project. */
  readonly folder: string;
  readonly type: 'module' | 'commonjs';
  /** Of the file that is written. TypeScript is compiled next to it. */
  readonly extension: '.js' | '.ts';
  readonly from: (code: string) => string;
}

export const KINDS: readonly Kind[] = [
  { name: 'JavaScript, ES modules', folder: 'js-esm', type: 'module', extension: '.js', from: (code) => code },
  {
    name: 'JavaScript, CommonJS',
    folder: 'js-cjs',
    type: 'commonjs',
    extension: '.js',
    from: (code) => inAsyncFunction(code, required),
  },
  { name: 'TypeScript, ES modules', folder: 'ts-esm', type: 'module', extension: '.ts', from: (code) => code },
  {
    name: 'TypeScript, CommonJS',
    folder: 'ts-cjs',
    type: 'commonjs',
    extension: '.ts',
    from: (code) => inAsyncFunction(code, (line) => line),
  },
];

/** The imports, each as `translated`, and the rest within a function. A rejection is Node's to report: exit code 1. */
function inAsyncFunction(code: string, translated: (line: string) => string): string {
  const lines = code.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith('import ')) + 1;
  const imports = lines.slice(0, end).map(translated);
  return [...imports, 'async function main() {', ...lines.slice(end), '}', 'main();', ''].join('\n');
}

const IMPORT = /^import (\{.*\}|\w+) from ('[^']+');$/;

/** `import { a } from 'b';` as `const { a } = require('b');`. Any other line that is not empty is an error. */
export function required(line: string): string {
  if (line.trim() === '') return line;
  const [, names, specifier] = IMPORT.exec(line) ?? [];
  if (names === undefined) throw new Error(`This is no import that can be a require(): ${line}`);
  return `const ${names.replaceAll(' as ', ': ')} = require(${specifier});`;
}
