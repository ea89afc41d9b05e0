/**
 * A chat of several server processes and many clients, who keep what they hear.
 *
 * Knows: how to start children/host.mjs and to end it by its id; clients are those of the ws package.
 * Does not know: engines.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { WebSocket } from 'ws';

interface Report {
  readonly name: string;
  readonly value: unknown;
}

/** A process of ours. */
export class Child {
  readonly #process: ChildProcess;
  reports: Report[] = [];

  /** Runs `children/<program>.mjs`; `prefix` does so somewhere else: in a network of its own. */
  constructor(program: string, args: readonly string[], prefix: readonly string[] = []) {
    const file = join(__dirname, `../children/${program}.mjs`);
    const [command = '', ...rest] = [...prefix, process.execPath, file, ...args];
    this.#process = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#process.on('message', (report: Report) => {
      this.reports.push(report);
      this.#process.emit('report');
    });
  }

  /** Resolves with what the process says under that name, the first time; rejects when it ends before. */
  async said(name: string): Promise<unknown> {
    for (;;) {
      const found = this.reports.find((report) => report.name === name);
      if (found !== undefined) return found.value;
      if (this.#process.exitCode !== null) throw new Error(`A process ended with ${this.#process.exitCode}.`);
      await firstOf(this.#process, 'report', 'exit');
    }
  }

  /** Tells it to do something, and resolves with what it says to that. */
  ask(name: string, value: unknown = null): Promise<unknown> {
    this.reports = this.reports.filter((report) => report.name !== name);
    this.#process.send({ name, value });
    return this.said(name);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** One server process: children/host.mjs, or another one that reports its port. */
export class Host extends Child {
  readonly #address: string;
  port = 0;

  constructor(
    args: readonly string[],
    prefix: readonly string[] = [],
    program = 'host',
    address = args[2] ?? '127.0.0.1',
  ) {
    super(program, args, prefix);
    this.#address = address;
  }

  async ready(): Promise<this> {
    this.port = Number(await this.said('port'));
    return this;
  }

  get url(): string {
    return `ws://${this.#address}:${this.port}`;
  }
}

/** Somebody in the room. */
export class Member {
  readonly name: string;
  readonly heard: string[] = [];
  readonly #socket: WebSocket;
  closeCode: number | null = null;

  private constructor(name: string, socket: WebSocket) {
    this.name = name;
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => this.heard.push(String(data)));
    socket.on('close', (code) => {
      this.closeCode = code;
    });
  }

  static async join(url: string, name: string): Promise<Member> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const member = new Member(name, socket);
    await once(socket, 'open');
    return member;
  }

  say(text: string): void {
    this.#socket.send(`${this.name}: ${text}`);
  }

  leave(): void {
    this.#socket.terminate();
  }

  /** Resolves when `isEnough` says so, which is asked after each message. */
  async until(isEnough: (heard: readonly string[]) => boolean): Promise<void> {
    while (!isEnough(this.heard)) {
      if (this.#socket.readyState === WebSocket.CLOSED)
        throw new Error('The connection was closed before all was heard.');
      await firstOf(this.#socket, 'message', 'close');
    }
  }

  /** What each speaker was heard to say, in order, without the lines that are `ignored`. */
  heardExcept(ignored?: string): ReadonlyMap<string, readonly string[]> {
    const all = new Map<string, string[]>();
    for (const line of this.heard) {
      const [speaker = '', text = ''] = line.split(': ');
      if (text !== ignored) all.set(speaker, [...(all.get(speaker) ?? []), text]);
    }
    return all;
  }
}

/** Resolves with the first of these events, and leaves no listener for the others. */
function firstOf(emitter: EventEmitter, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const come = () => {
      for (const event of events) emitter.off(event, come);
      resolve();
    };
    for (const event of events) emitter.on(event, come);
  });
}
