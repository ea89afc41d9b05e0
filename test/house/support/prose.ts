/**
 * Docstrings: each file says what it is, each export says what it does.
 *
 * Knows: what counts as an opening docstring, and which exports need one.
 * Does not know: whether what they say is true.
 */
import ts from 'typescript';
import { type Fault, faultAt, has, type Source } from './source.js';

/** From this many lines on, a file also says what it knows and what it refuses to know. */
const LINES_WITH_BOUNDARY = 40;

/** The opening docstring of a file (after a `#!` line), without its stars, or null. */
function openingOf(file: Source): string | null {
  const found = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(file.text);
  return found?.[1]?.replace(/^\s*\* ?/gm, '').trim() ?? null;
}

/** Files that do not open by saying what they are. */
export function openingFaults(files: readonly Source[]): Fault[] {
  return files.flatMap((file) => {
    const opening = openingOf(file);
    if (opening === null) return [`${file.path}:1 does not open with a docstring`];
    const sentences = opening.match(/[.!?](?=\s|$)/g)?.length ?? 0;
    if (sentences < 2) return [`${file.path}:1 opens with fewer than two sentences`];
    const short = file.text.split('\n').length <= LINES_WITH_BOUNDARY;
    const bounded = opening.includes('Knows:') && opening.includes('Does not know:');
    return short || bounded ? [] : [`${file.path}:1 does not say what it knows and what it does not know`];
  });
}

/**
 * Exported functions, classes and interfaces without a docstring. An overload is covered by its first signature, and an
 * interface by its members when each of them has a docstring: "Options of X" above `XOptions` tells nobody anything.
 */
export function docstringFaults(files: readonly Source[]): Fault[] {
  return files.flatMap((file) => {
    const named = new Set<string>();
    return file.tree.statements.flatMap((statement) => {
      const name = documentedName(statement);
      if (name === null || named.has(name)) return [];
      named.add(name);
      return hasDocstring(file, statement) || membersSayItAll(file, statement)
        ? []
        : [faultAt(file, statement, `exports ${name} without a docstring`)];
    });
  });
}

function membersSayItAll(file: Source, statement: ts.Statement): boolean {
  if (!ts.isInterfaceDeclaration(statement) || statement.members.length === 0) return false;
  return statement.members.every((member) => hasDocstring(file, member));
}

/** The name of an export that needs a docstring, or null. */
function documentedName(statement: ts.Statement): string | null {
  if (!has(statement, ts.SyntaxKind.ExportKeyword)) return null;
  if (ts.isVariableStatement(statement)) return functionName(statement);
  const declares =
    ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement);
  return declares ? (statement.name?.text ?? 'default') : null;
}

function functionName(statement: ts.VariableStatement): string | null {
  const [declared] = statement.declarationList.declarations;
  const value = declared?.initializer;
  const callable = value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
  return callable ? (declared?.name.getText() ?? null) : null;
}

/** A docstring of the declaration's own: the one that opens the file does not count twice. */
function hasDocstring(file: Source, node: ts.Node): boolean {
  const opensAt = /^(?:#!.*\n)?/.exec(file.text)?.[0].length ?? 0;
  return ts.getJSDocCommentsAndTags(node).some((comment) => ts.isJSDoc(comment) && comment.pos > opensAt);
}
