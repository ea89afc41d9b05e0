/**
 * The project's own files, as the house rules see them.
 *
 * Knows: how to find and parse them, and what a fault looks like.
 * Does not know: any rule. A rule is a function from sources to faults, so that a test can feed it a bad example.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(__dirname, '../../..');

export interface Source {
  /** Relative to the repository, with forward slashes: `src/codec/frame.ts`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** One breach of a house rule, printed as `src/a.ts:3 what is wrong`. */
export type Fault = string;

/** A source made from text: what a bad example in a test is. */
export function source(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

/** Every TypeScript file below the folders, parsed. A folder that is not there yet has no files. */
export function sourcesIn(...folders: readonly string[]): Source[] {
  return folders.flatMap(filesIn).map((path) => source(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Follows no links, and leaves out what npm installed: a linked package may contain itself. */
function filesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
      return entry.isFile() && entry.name.endsWith('.ts') ? [path] : [];
    });
}

/** A fault at a node: its file and line, then the sentence. */
export function faultAt(file: Source, node: ts.Node, says: string): Fault {
  const { line } = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree));
  return `${file.path}:${line + 1} ${says}`;
}

/** Calls `visit` on every node of the tree, outer nodes first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** True when the declaration carries the modifier: `export`, `default`, `readonly`, … */
export function has(node: ts.Node, kind: ts.ModifierSyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false);
}
