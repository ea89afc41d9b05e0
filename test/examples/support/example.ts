/**
 * An example as a user runs it: a process with its arguments, its environment, its keyboard and its screen.
 *
 * Knows: how to start it, read what it prints, and end it by its id.
 * Does not know: what it is an example of.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

export const EXAMPLES = join(__dirname, '../../../examples');
export const PROGRAMS = join(__dirname, '../programs');

export interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of node itself. */
  readonly flags?: readonly string[];
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Run {
  readonly #process: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';
  #over = false;
  #look: (() => void) | null = null;
  readonly ended: Promise<Ending>;

  constructor(file: string, { args = [], env = {}, flags = [] }: RunOptions = {}) {
    this.#process = spawn(process.execPath, [...flags, file, ...args], {
      env: { ...process.env, PORT: '0', ...env },
    });
    this.#process.stdin.on('error', () => {});
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#look?.();
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        this.#over = true;
        this.#look?.();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** What it has printed so far. */
  get text(): string {
    return this.#stdout;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves with what has been printed once `pattern` is in it. Rejects when the process ends without that. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        const match = pattern.exec(this.#stdout);
        if (match !== null) resolve(match);
        else if (this.#over) reject(new Error(`Ended without printing ${pattern}.\n${this.#stdout}${this.#stderr}`));
      };
      this.#look();
    });
  }

  /** The port that its one line names. */
  async port(): Promise<number> {
    return Number((await this.printed(/^.+: \w+:\/\/localhost:(\d+)\n/))[1]);
  }

  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Types `text` and closes the keyboard. */
  end(text: string): void {
    this.#process.stdin.end(text);
  }

  /** Ends this process and waits for it. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.#process.kill(signal);
    return this.ended;
  }
}

/** The processes of one test file. */
export class Runs {
  readonly #all: Run[] = [];

  example(name: string, options?: RunOptions): Run {
    return this.#start(join(EXAMPLES, `${name}.mjs`), options);
  }

  program(name: string, options?: RunOptions): Run {
    return this.#start(join(PROGRAMS, `${name}.mjs`), options);
  }

  async end(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((run) => run.stop('SIGKILL')));
  }

  #start(file: string, options?: RunOptions): Run {
    const run = new Run(file, options);
    this.#all.push(run);
    return run;
  }
}

/** How an example ends that was asked to: well, with nothing printed behind its one line. */
export const GRACEFUL = { code: 0, signal: null, stderr: '', stdout: expect.stringMatching(/^.+\n$/) };
