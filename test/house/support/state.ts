/**
 * Module-level state: a module holds constants, objects hold state.
 *
 * Knows: `let` and `var` at module level, mutable static fields, and module-level constants whose contents a function
 * changes. Filling a table while the module loads is not state: nobody can see it half done.
 * Does not know: aliases. A constant that is passed on and written to elsewhere goes unseen.
 */
import ts from 'typescript';
import { type Fault, faultAt, has, type Source, walk } from './source.js';

/** Methods that change their object, for the containers that a module might keep. */
const MUTATORS = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|write\w*)$/;

/** Module-level variables that can change. */
export function stateFaults(files: readonly Source[]): Fault[] {
  return files.flatMap((file) => [...variables(file), ...statics(file), ...writes(file)]);
}

function variables(file: Source): Fault[] {
  return file.tree.statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return [];
    const constant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    return constant ? [] : [faultAt(file, statement, 'keeps a variable at module level')];
  });
}

function statics(file: Source): Fault[] {
  const faults: Fault[] = [];
  walk(file.tree, (node) => {
    if (!ts.isPropertyDeclaration(node) || !has(node, ts.SyntaxKind.StaticKeyword)) return;
    if (!has(node, ts.SyntaxKind.ReadonlyKeyword))
      faults.push(faultAt(file, node, 'keeps a static field that can change'));
  });
  return faults;
}

function writes(file: Source): Fault[] {
  const constants = new Set(moduleConstants(file));
  const faults: Fault[] = [];
  walk(file.tree, (node) => {
    const name = writtenName(node);
    if (name === null || !constants.has(name) || !insideFunction(node)) return;
    faults.push(faultAt(file, node, `changes the module-level constant ${name}`));
  });
  return faults;
}

function moduleConstants(file: Source): string[] {
  const declared = file.tree.statements.filter(ts.isVariableStatement);
  return declared.flatMap((one) => one.declarationList.declarations).map(({ name }) => name.getText(file.tree));
}

/** `TABLE` for `TABLE[i] = 1`, `TABLE.next++`, `delete TABLE.x` and `TABLE.push(1)`; null for anything else. */
function writtenName(node: ts.Node): string | null {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return ownerName(node.left);
  if (ts.isPostfixUnaryExpression(node) || (ts.isPrefixUnaryExpression(node) && steps(node.operator))) {
    return ownerName(node.operand);
  }
  if (ts.isDeleteExpression(node)) return ownerName(node.expression);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  return MUTATORS.test(node.expression.name.text) ? ownerName(node.expression) : null;
}

function ownerName(target: ts.Expression): string | null {
  if (!ts.isPropertyAccessExpression(target) && !ts.isElementAccessExpression(target)) return null;
  const owner = target.expression;
  return ts.isIdentifier(owner) ? owner.text : ownerName(owner);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function steps(operator: ts.PrefixUnaryOperator): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

function insideFunction(node: ts.Node): boolean {
  return ts.findAncestor(node, ts.isFunctionLike) !== undefined;
}
