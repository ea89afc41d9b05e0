/**
 * A process that answers questions, seen from the one that asks.
 *
 * Knows: one JSON object a line each way; the child ends when its input ends, so none outlives us.
 * Does not know: what is asked (answers.mjs is the other side).
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {{ value?: unknown, error?: string, ready?: Record<string, unknown> }} Line */

export class Child {
  /** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, import('node:stream').Readable>} */
  #process;
  /** @type {{ resolve: (line: Line) => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  #complaints = '';
  #name;
  /** What the child said when it was ready: a port, for a server. */
  ready = /** @type {Record<string, any>} */ ({});

  /**
   * Starts a child and waits until it is ready.
   * @param {{ name: string, command?: string, args: readonly string[], env?: Record<string, string> }} how
   */
  static async start({ name, command = process.execPath, args, env = {} }) {
    const child = new Child(name, spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' }));
    const { ready } = await child.#nextLine();
    child.ready = ready ?? {};
    return child;
  }

  /**
   * @param {string} name
   * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, import('node:stream').Readable>} spawned
   */
  constructor(name, spawned) {
    this.#name = name;
    this.#process = spawned;
    createInterface({ input: spawned.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    spawned.stderr.on('data', (bytes) => {
      this.#complaints = (this.#complaints + bytes).slice(-4_000);
    });
    spawned.stdin.on('error', () => {});
    spawned.on('error', (error) => this.#fail(error.message));
    spawned.on('close', (code, signal) => this.#fail(`ended (${signal ?? code})`));
  }

  /**
   * Calls `method` in the child. Rejects with what it throws there.
   * @param {string} method
   * @param {unknown} [argument]
   * @returns {Promise<any>}
   */
  async ask(method, argument = null) {
    const answer = this.#nextLine();
    this.#process.stdin.write(`${JSON.stringify({ method, argument })}\n`);
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(`${this.#name}: ${error}`);
    return value;
  }

  get pid() {
    return this.#process.pid;
  }

  /** Ends the child, at the latest after two seconds. */
  async stop() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 2_000);
    await ended;
    clearTimeout(timer);
  }

  /** @returns {Promise<Line>} */
  #nextLine() {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** @param {string} why */
  #fail(why) {
    const error = new Error(`${this.#name} ${why}${this.#complaints === '' ? '' : `\n${this.#complaints}`}`);
    for (const one of this.#waiting.splice(0)) one.reject(error);
  }
}
