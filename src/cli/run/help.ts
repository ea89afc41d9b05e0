/**
 * How the help of every command looks.
 *
 * Knows: the sections behind the options, the options that have a unit, and how their defaults are shown.
 * Does not know: what a command does.
 */
import { type Command, Option } from 'commander';
import { parseSize, parseTime, sizeText, timeText } from '../units.js';

/** What is said of a command behind its options, in lines of at most 80 columns. */
export interface About {
  /** Paragraphs. */
  readonly text: string;
  /** When the exit code is 0. */
  readonly clean: string;
  /** When it is 1. */
  readonly failed: string;
  /** Without the margin. */
  readonly examples: readonly string[];
}

/** Adds the sections. */
export function addAbout(command: Command, { text, clean, failed, examples }: About): Command {
  const exits = [`0    ${clean}`, `1    ${failed}`, '2    wrong arguments', '130  Ctrl-C', '143  SIGTERM'];
  const sections = [text, section('Exit codes:', exits), section('Examples:', examples)];
  // Not in the group of the options before it.
  const help = new Option('-h, --help', 'show this help').helpGroup('Options:');
  return command.addHelpOption(help).addHelpText('after', `\n${sections.join('\n\n')}`);
}

function section(heading: string, lines: readonly string[]): string {
  return [heading, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** An option that takes a time; the default is in milliseconds. */
export function timeOption(flags: string, about: string, defaultMs: number): Option {
  return new Option(flags, about).argParser(parseTime).default(defaultMs, asTyped(timeText(defaultMs)));
}

/** An option that takes a size; the default is in bytes. */
export function sizeOption(flags: string, about: string, defaultBytes: number): Option {
  return new Option(flags, about).argParser(parseSize).default(defaultBytes, asTyped(sizeText(defaultBytes)));
}

/** `10s`: what a shell takes as one word, and no line ends in. */
function asTyped(text: string): string {
  return text.replace(' ', '');
}

/** The parser of an option that may be repeated: what was given, in order. */
export function each(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
