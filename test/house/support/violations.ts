/**
 * Every row of VIOLATIONS is alive: the code throws it and a test provokes it, both by name.
 *
 * Knows: how a name appears in code: `'RESERVED_BIT'`, `'ERR_WS_RESERVED_BIT'` or `VIOLATIONS.RESERVED_BIT`.
 * Does not know: whether the test provokes it through the wire or through a function.
 */
import ts from 'typescript';
import { type Source, walk } from './source.js';

/** The names of violations that occur in the files as a value, not in a comment or a type. */
export function namesUsed(names: readonly string[], files: readonly Source[]): Set<string> {
  const used = new Set<string>();
  for (const file of files) {
    walk(file.tree, (node) => {
      const name = nameAt(node);
      if (name !== null && names.includes(name)) used.add(name);
    });
  }
  return used;
}

function nameAt(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node) && !ts.isLiteralTypeNode(node.parent)) return node.text.replace(/^ERR_WS_/, '');
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'VIOLATIONS') return node.name.text;
  return null;
}

/** The names that the files never use. */
export function unusedNames(names: readonly string[], files: readonly Source[]): string[] {
  const used = namesUsed(names, files);
  return names.filter((name) => !used.has(name));
}
