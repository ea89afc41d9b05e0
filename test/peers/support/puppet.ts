/**
 * A foreign WebSocket that does what the test tells it to.
 *
 * Knows: orders and reports, which connection a report is about, how to run one of programs/ and end it by its id.
 * Does not know: which library moves it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';

/** What a puppet can be told. Bytes are base64. */
export type Order =
  | { order: 'connect'; url: string; subprotocols?: readonly string[]; origin?: string; compress?: boolean }
  | { order: 'text' | 'binary' | 'ping'; base64: string }
  | { order: 'fragments'; parts: readonly string[] }
  | { order: 'close'; code?: number; reason?: string }
  | { order: 'drop' | 'violate' };

/** One line that a puppet says. `id` counts its connections from 1. */
export interface Report {
  readonly event: 'ready' | 'open' | 'refused' | 'message' | 'pong' | 'error' | 'close';
  readonly id?: number;
  readonly version?: string;
  readonly port?: number;
  readonly subprotocol?: string;
  readonly extensions?: string;
  readonly status?: number;
  readonly code?: number | null;
  readonly error?: string;
}

interface Waiting {
  readonly event: Report['event'];
  readonly id: number | undefined;
  readonly resolve: (report: Report) => void;
  readonly reject: (error: Error) => void;
}

/** Reports in order, and who waits for them. */
export class Reports {
  readonly #said: Report[] = [];
  readonly #waiting: Waiting[] = [];
  #over: Error | null = null;

  take(report: Report): void {
    const at = this.#waiting.findIndex(({ event, id }) => event === report.event && id === report.id);
    if (at < 0) this.#said.push(report);
    else this.#waiting.splice(at, 1)[0]?.resolve(report);
  }

  /** The next report of this event about this connection. */
  next(event: Report['event'], id?: number): Promise<Report> {
    const at = this.#said.findIndex((report) => report.event === event && report.id === id);
    const [report] = at < 0 ? [] : this.#said.splice(at, 1);
    if (report !== undefined) return Promise.resolve(report);
    if (this.#over !== null) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => this.#waiting.push({ event, id, resolve, reject }));
  }

  /** Nothing will come any more: who waits hears why. */
  end(error: Error): void {
    this.#over = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** Where a puppet lives. */
export interface Puppet {
  readonly reports: Reports;
  tell(order: Order): void;
  end(): Promise<void>;
}

/** A puppet in a process of its own. */
export class ProcessPuppet implements Puppet {
  readonly reports = new Reports();
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: 'pipe' });
    this.#process.stdin?.on('error', () => {});
    let complaints = '';
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    let rest = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.reports.take(JSON.parse(line));
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', () => {
        this.reports.end(new Error(`${args.join(' ')} has ended.\n${complaints}`));
        resolve();
      });
    });
  }

  tell(order: Order): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}

/** What a puppet reports of a message that it has received. */
export function seen(type: 'text' | 'binary', payload: string | Uint8Array): object {
  const bytes = Buffer.from(payload as string);
  return { type, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Bytes as orders carry them. */
export function base64(payload: string | Uint8Array): string {
  return Buffer.from(payload as string).toString('base64');
}
