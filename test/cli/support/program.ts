/**
 * `framepipe` as a process, the way a shell runs it.
 *
 * Knows: how to start it, to wait for what it prints, to feed it, to end it by its id.
 * Does not know: what it should print.
 */
import { type ChildProcessWithoutNullStreams, type SpawnOptions, spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../../..');
export const MAIN = resolve(ROOT, 'dist/cli/main.js');

export interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One run of the program. */
export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ending>;
  readonly #out: Buffer[] = [];
  #err = '';
  #waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void; reject: (error: Error) => void }[] = [];

  constructor(args: readonly (string | number)[], options: SpawnOptions = {}, command = process.execPath) {
    const all = command === process.execPath ? [MAIN, ...args] : args;
    this.process = spawn(command, all.map(String), { cwd: ROOT, ...options }) as ChildProcessWithoutNullStreams;
    this.process.stdin?.on('error', () => {});
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.#out.push(chunk);
      this.#look();
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.#err += chunk;
      this.#look();
    });
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code) => {
        for (const { pattern, reject } of this.#waiting) reject(new Error(`Ended without ${pattern}:\n${this.said}`));
        resolve({ code, out: String(this.bytes), err: this.#err });
      });
    });
  }

  /** stdout as it came. */
  get bytes(): Buffer {
    return Buffer.concat(this.#out);
  }

  /** stdout, then stderr. */
  get said(): string {
    return String(this.bytes) + this.#err;
  }

  /** Resolves when what was printed matches; rejects when the program ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ pattern, resolve, reject });
      this.#look();
    });
  }

  type(text: string | Buffer): this {
    this.process.stdin.write(text);
    return this;
  }

  /** The end of stdin. */
  done(): this {
    this.process.stdin.end();
    return this;
  }

  interrupt(): this {
    this.process.kill('SIGINT');
    return this;
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const match = pattern.exec(this.said);
      if (match !== null) resolve(match);
      return match === null;
    });
  }
}

/** The programs of one test file. */
export class Programs {
  readonly #all: Program[] = [];

  start(...args: readonly (string | number)[]): Program {
    return this.#keep(new Program(args));
  }

  startWith(options: SpawnOptions, ...args: readonly (string | number)[]): Program {
    return this.#keep(new Program(args, options));
  }

  /** Another program than ours. */
  startOther(command: string, args: readonly string[], options: SpawnOptions = {}): Program {
    return this.#keep(new Program(args, options, command));
  }

  /** Runs to the end, with `input` on stdin. */
  run(args: readonly (string | number)[], input: string | Buffer = ''): Promise<Ending> {
    const program = this.start(...args);
    program.process.stdin.end(input);
    return program.ended;
  }

  /** `framepipe serve` on a free port: its process and its URL. */
  async serve(...args: readonly (string | number)[]): Promise<{ server: Program; url: string }> {
    const server = this.start('serve', '--port', 0, ...args);
    const [url] = await server.says(/ws:\/\/\S+/);
    return { server, url };
  }

  /** Ends those that still run. */
  async end(): Promise<void> {
    const all = this.#all.splice(0);
    for (const { process } of all) process.kill('SIGKILL');
    await Promise.all(all.map((program) => program.ended));
  }

  #keep(program: Program): Program {
    this.#all.push(program);
    return program;
  }
}
