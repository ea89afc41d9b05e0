#!/usr/bin/env node
/**
 * `framepipe`, the program. Runs a command and turns what comes of it into an exit code.
 */
import { describe } from './run/failure.js';
import { Life } from './run/life.js';
import { program } from './run/program.js';
import { tell } from './run/terminal.js';

const life = new Life();
life.watchProcess();
program(life, process.argv.slice(2)).then(
  (exitCode) => life.end(exitCode),
  (error: unknown) => {
    const { says, exitCode } = describe(error);
    if (says !== null && life.reason === null) tell(`framepipe: ${says}`);
    life.end(exitCode);
  },
);
