/**
 * The real thing: `npm start` in a process of its own, and a Chromium to open it with.
 *
 * Knows: how to start and stop both, and what must never happen on the page.
 * Does not know: what the page is for.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, kept from talking to anybody but the demo. */
const LAUNCH = {
  executablePath: '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--ignore-certificate-errors',
  ],
};

/** A page and everything that went wrong on it. */
export interface Visit {
  readonly page: Page;
  /** Console errors and warnings, uncaught exceptions, requests that failed or went elsewhere. Must stay empty. */
  readonly complaints: string[];
}

/** The running demo. */
export class Demo {
  readonly url: string;
  readonly #server: ChildProcess;
  readonly #browser: Browser;

  private constructor(url: string, server: ChildProcess, browser: Browser) {
    this.url = url;
    this.#server = server;
    this.#browser = browser;
  }

  /** Builds and starts the demo on a free port. Rejects with its output when it does not come up. */
  static async start(...flags: string[]): Promise<Demo> {
    const server = spawn('npm', ['start', '--', ...flags], { env: { ...process.env, PORT: '0' }, detached: true });
    try {
      const url = await announced(server);
      return new Demo(url, server, await chromium.launch(LAUNCH));
    } catch (error) {
      signal(server);
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    const over = once(this.#server, 'exit');
    signal(this.#server);
    await over;
  }

  /** Opens the page in a context of its own and waits for its connection. */
  async visit(options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('request', (request) => {
      if (!request.url().startsWith(this.url)) complaints.push(`${request.url()} is not ours`);
    });
    await page.goto(this.url);
    await connected(page);
    return { page, complaints };
  }
}

/** Waits until the page says that its socket is open. */
export async function connected(page: Page): Promise<void> {
  await page.waitForSelector('#status[data-state="on"]');
}

function announced(server: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const hear = (text: Buffer) => {
      output += text;
      const [, url] = /framepipe demo: (https?:\S+)/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    };
    server.stdout?.on('data', hear);
    server.stderr?.on('data', hear);
    server.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
}

/** npm and the server that it started: a process group of our own making. */
function signal(server: ChildProcess): void {
  if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
}
