/**
 * A child process and what is said between it and the test.
 *
 * Knows: how to start it, hear its reports, tell it words (children/parent.mjs is the other end), and end it by its id.
 * Does not know: what it does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** Arguments of the program. */
  readonly args?: readonly (string | number)[];
  /** Flags of node itself. */
  readonly flags?: readonly string[];
  /** Its environment; default: ours. */
  readonly env?: NodeJS.ProcessEnv;
}

interface Waiting {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #program: string;
  readonly #reports: { name: string; value: unknown }[] = [];
  readonly #waiting: Waiting[] = [];
  #gone = false;
  stdout = '';
  stderr = '';
  /** Resolves when the process has ended and everything that it printed is here. */
  readonly exited: Promise<Exit>;

  /** Starts `children/<program>.mjs`. */
  constructor(program: string, { args = [], flags = [], env = process.env }: StartOptions = {}) {
    const file = join(__dirname, `../children/${program}.mjs`);
    this.#program = program;
    this.#process = spawn(process.execPath, [...flags, file, ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env,
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#process.on('message', (report: { name: string; value: unknown }) => this.#take(report));
    this.exited = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        this.#gone = true;
        for (const { name, reject } of this.#waiting.splice(0)) reject(this.#silent(name));
        resolve({ code, signal });
      });
    });
  }

  /** The next report of this name. Rejects when the process has ended without one. */
  heard<T>(name: string): Promise<T> {
    const at = this.#reports.findIndex((report) => report.name === name);
    if (at >= 0) return Promise.resolve(this.#reports.splice(at, 1)[0]?.value as T);
    if (this.#gone) return Promise.reject(this.#silent(name));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Says a word that the program waits for. */
  tell(word: string, value: unknown = null): void {
    this.#process.send({ name: word, value }, () => {});
  }

  /** Sends a signal to this process, and to no other. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  #take(report: { name: string; value: unknown }): void {
    const at = this.#waiting.findIndex(({ name }) => name === report.name);
    if (at < 0) this.#reports.push(report);
    else this.#waiting.splice(at, 1)[0]?.resolve(report.value);
  }

  #silent(name: string): Error {
    return new Error(`${this.#program} ended without saying "${name}".\n${this.stdout}${this.stderr}`);
  }
}

/** The children of one test file. */
export class Children {
  readonly #all: Child[] = [];

  start(program: string, options?: StartOptions): Child {
    const child = new Child(program, options);
    this.#all.push(child);
    return child;
  }

  /** Ends those that still run. */
  async end(): Promise<void> {
    const all = this.#all.splice(0);
    for (const child of all) child.signal('SIGKILL');
    await Promise.all(all.map((child) => child.exited));
  }
}

/** How a process ends that was not made to: nothing kept it alive, nothing went wrong, nothing was printed. */
export const BY_ITSELF = { code: 0, signal: null, stdout: '', stderr: '' };

/** How each child has ended and what it printed. */
export async function ends(...children: readonly Child[]): Promise<object[]> {
  return Promise.all(
    children.map(async (child) => ({ ...(await child.exited), stdout: child.stdout, stderr: child.stderr })),
  );
}
