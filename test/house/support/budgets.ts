/**
 * How long a file and a function may be, and how heavy the package.
 *
 * Knows: the budgets and the named exceptions, each with its reason.
 * Does not know: what the median file should be; that is taste, and review has it.
 */
import ts from 'typescript';
import { type Fault, faultAt, type Source, walk } from './source.js';

export const MAX_FILE_LINES = 250;
export const MAX_FUNCTION_LINES = 40;

/** The tarball that `npm pack` makes, gzipped, and what it unpacks to. Raise them in the commit that needs it. */
export const MAX_PACKED_BYTES = 384 * 1024;
export const MAX_UNPACKED_BYTES = 1280 * 1024;

/** commander is loaded by the command line only (test/house/support/layers.ts). */
export const RUNTIME_DEPENDENCIES = ['commander', 'readable-stream'] as const;

/** `file#function`: why it may be longer. Only kernels that an oracle tests belong here. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {};

/** Files over MAX_FILE_LINES. A final newline does not make a line. */
export function fileLengthFaults(files: readonly Source[]): Fault[] {
  return files.flatMap((file) => {
    const lines = file.text.replace(/\n$/, '').split('\n').length;
    return lines <= MAX_FILE_LINES ? [] : [`${file.path} has ${lines} lines, the budget is ${MAX_FILE_LINES}`];
  });
}

/** Functions over MAX_FUNCTION_LINES, counted from the signature to the closing brace. */
export function functionLengthFaults(files: readonly Source[], exceptions = LONG_FUNCTIONS): Fault[] {
  return files.flatMap((file) => {
    const faults: Fault[] = [];
    walk(file.tree, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node)) return;
      const lines = lineAt(file, node.getEnd()) - lineAt(file, node.getStart(file.tree)) + 1;
      const name = nameOf(node);
      if (lines <= MAX_FUNCTION_LINES || `${file.path}#${name}` in exceptions) return;
      faults.push(faultAt(file, node, `${name} has ${lines} lines, the budget is ${MAX_FUNCTION_LINES}`));
    });
    return faults;
  });
}

/** Exceptions that no longer name a function: a list like that only grows unless someone looks. */
export function staleExceptions(files: readonly Source[], exceptions = LONG_FUNCTIONS): Fault[] {
  const names = new Set<string>();
  for (const file of files) {
    walk(file.tree, (node) => {
      if (ts.isFunctionLike(node)) names.add(`${file.path}#${nameOf(node)}`);
    });
  }
  return Object.keys(exceptions).filter((name) => !names.has(name));
}

function lineAt(file: Source, position: number): number {
  return file.tree.getLineAndCharacterOfPosition(position).line;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? 'a function';
}
