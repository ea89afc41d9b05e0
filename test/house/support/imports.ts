/**
 * Who imports whom.
 *
 * Knows: every form of import (static, re-export, dynamic, require, `import()` types) and whether it is erased.
 * Does not know: which of them are allowed (layers.ts).
 */
import { posix } from 'node:path';
import ts from 'typescript';
import { type Source, walk } from './source.js';

export interface Import {
  readonly specifier: string;
  /** True for `import type`, `export type` and `import('x').T`: nothing of it is left at run time. */
  readonly erased: boolean;
  readonly node: ts.Node;
}

/** All imports of a file, in order of appearance. */
export function importsOf(file: Source): Import[] {
  const found: Import[] = [];
  walk(file.tree, (node) => {
    const one = importAt(node);
    if (one !== null) found.push(one);
  });
  return found;
}

function importAt(node: ts.Node): Import | null {
  if (ts.isImportDeclaration(node)) return entry(node, node.moduleSpecifier, erasedImport(node.importClause));
  if (ts.isExportDeclaration(node)) return entry(node, node.moduleSpecifier, erasedExport(node));
  if (ts.isImportTypeNode(node))
    return entry(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
  if (ts.isExternalModuleReference(node)) return entry(node, node.expression, false);
  if (ts.isCallExpression(node) && loads(node.expression)) return entry(node, node.arguments[0], false);
  return null;
}

function entry(node: ts.Node, specifier: ts.Node | undefined, erased: boolean): Import | null {
  return specifier !== undefined && ts.isStringLiteralLike(specifier)
    ? { specifier: specifier.text, erased, node }
    : null;
}

function loads(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function erasedImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function erasedExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const named = node.exportClause;
  return (
    named !== undefined &&
    ts.isNamedExports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

/** The repository path that a relative specifier of this file means, or null for a package. */
export function targetOf(file: Source, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.join(posix.dirname(file.path), specifier).replace(/\.js$/, '.ts');
}

/** Every loop of run-time imports, as `a.ts → b.ts → a.ts`. Erased imports cannot loop: nothing is left of them. */
export function cyclesIn(files: readonly Source[]): string[] {
  const graph = new Map(files.map((file) => [file.path, runtimeTargets(file)]));
  const done = new Set<string>();
  const loops: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) loops.push([...trail.slice(seenAt), path].join(' → '));
    if (seenAt >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return loops;
}

function runtimeTargets(file: Source): string[] {
  const targets = importsOf(file).map((one) => (one.erased ? null : targetOf(file, one.specifier)));
  return targets.filter((target) => target !== null);
}
