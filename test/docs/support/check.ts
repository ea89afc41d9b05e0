/**
 * Checks and runs the programs of the pages.
 *
 * Knows: the compiler options of a strict user, and how to run a program so that the ports it names are its own.
 * Does not know: how a program was made.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages.js';
import type { Program } from './program.js';

/** A program that has not ended by then has forgotten something, and so would its reader. */
const DEADLINE_MS = 20_000;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
};

/** Type errors of the ts programs, each at its line of the page. */
export function typeErrors(programs: readonly Program[]): string[] {
  const typed = programs.filter(({ block }) => block.language === 'ts');
  const compiled = ts.createProgram(
    typed.map(({ source }) => source),
    OPTIONS,
  );
  return ts.getPreEmitDiagnostics(compiled).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    const program = typed.find(({ source }) => source === diagnostic.file?.fileName);
    if (program === undefined || diagnostic.file === undefined)
      return `${diagnostic.file?.fileName ?? 'options'}: ${message}`;
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${program.block.page}:${program.block.line + line - program.preamble} ${message}`;
  });
}

export interface Ran {
  readonly status: number | null;
  readonly stderr: string;
}

/** Runs a program to its end. Whatever port it names becomes a local socket of its own (virtual-ports.mjs). */
export function run(program: Program): Promise<Ran> {
  const preload = join(ROOT, 'test/docs/support/virtual-ports.mjs');
  const child = spawn(process.execPath, ['--import', preload, program.script], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return ended(child);
}

function ended(child: ChildProcess): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(deadline);
      resolve({ status, stderr });
    });
  });
}
