/**
 * From a code block to a program that can be checked and run.
 *
 * Knows: how a block meets its harness. A harness is a module in test/docs/harness: the block sees each of its exports,
 * unless it declares or imports that name itself; an exported `after` is awaited once the block is through.
 * Does not know: what the block does.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './markdown.js';
import { ROOT } from './pages.js';

/** Inside the repository, so that 'framepipe' means this package, through its own exports. */
const WORKSHOP = join(ROOT, 'test/docs/.run');
const HARNESSES = join(ROOT, 'test/docs/harness');

export interface Program {
  readonly block: CodeBlock;
  /** The TypeScript (or JavaScript) as it is checked. */
  readonly source: string;
  /** The JavaScript as it is run. */
  readonly script: string;
  /** Lines that stand before the code of the block. */
  readonly preamble: number;
}

const EXTENSIONS: Readonly<Record<string, string>> = { ts: '.mts', js: '.mjs', cjs: '.cjs' };

/** True for blocks that are to be run; `sh`, `json`, drawings and what its info string excuses (blocks.test.ts) are not. */
export function isProgram(block: CodeBlock): boolean {
  return block.language in EXTENSIONS && block.info === '';
}

/** Empties the workshop and puts the harnesses there, as modules next to the programs. */
export function openWorkshop(): void {
  rmSync(WORKSHOP, { recursive: true, force: true });
  mkdirSync(WORKSHOP, { recursive: true });
  for (const name of readdirSync(HARNESSES)) {
    const source = readFileSync(join(HARNESSES, name), 'utf8');
    const target = join(WORKSHOP, name.replace(/\.ts$/, '.mts'));
    writeFileSync(target, source);
    writeFileSync(target.replace(/\.mts$/, '.mjs'), translate(source));
  }
}

/** Writes the program of a block. */
export function programOf(block: CodeBlock): Program {
  const preamble = block.harness === null ? [] : harnessLines(block.harness, block);
  const closing = preamble.length === 0 ? [] : ['await (harness as object as { after?: () => unknown }).after?.();'];
  const text = [...preamble, block.code, ...closing, block.language === 'ts' ? 'export {};' : ''].join('\n');
  const name = `${block.page.replace(/\W/g, '-')}-${block.line}`;
  const source = join(WORKSHOP, name + EXTENSIONS[block.language]);
  writeFileSync(source, text);
  const script = source.replace(/\.mts$/, '.mjs');
  if (block.language === 'ts') writeFileSync(script, translate(text));
  return { block, source, script, preamble: preamble.length };
}

function harnessLines(name: string, block: CodeBlock): string[] {
  const path = join(HARNESSES, `${name}.ts`);
  if (!existsSync(path))
    throw new Error(`${block.page}:${block.line} asks for a harness "${name}" that does not exist`);
  if (block.language !== 'ts') throw new Error(`${block.page}:${block.line} has a harness; only ts blocks may`);
  const taken = new Set(declaredNames(block.code));
  const given = exportedNames(readFileSync(path, 'utf8')).filter((one) => one !== 'after' && !taken.has(one));
  const names = given.length === 0 ? '' : `import { ${given.join(', ')} } from './${name}.mjs';`;
  return [`import * as harness from './${name}.mjs'; ${names}`];
}

function declaredNames(code: string): string[] {
  const tree = ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2023, true);
  return tree.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      return bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map((one) => one.name.text) : [];
    }
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map((one) => one.name.getText(tree));
    }
    const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
    return named && statement.name !== undefined ? [statement.name.text] : [];
  });
}

function exportedNames(source: string): string[] {
  const tree = ts.createSourceFile('harness.ts', source, ts.ScriptTarget.ES2023, true);
  return tree.statements.flatMap((statement) => {
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) return [];
    if (ts.isFunctionDeclaration(statement)) return [statement.name?.text ?? ''];
    return ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map((one) => one.name.getText(tree))
      : [];
  });
}

function translate(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
  }).outputText;
}
