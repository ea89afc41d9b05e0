/**
 * Chromium as a puppet: a page of the server that it connects to, so that their origins are the same.
 *
 * Knows: how to start the browser, and from where to load the page. `order.origin` is another address of that server.
 * Does not know: what the page is told.
 */
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Order, type Puppet, type Report, Reports } from './puppet.js';

export const CHROMIUM = '/usr/bin/chromium';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

export class PagePuppet implements Puppet {
  readonly reports = new Reports();
  readonly #browser: Browser;
  readonly #page: Page;
  #connections = 0;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  static async start(): Promise<PagePuppet> {
    const browser = await launch();
    const page = await browser.newPage();
    const puppet = new PagePuppet(browser, page);
    await page.exposeFunction('report', (report: Report) => puppet.reports.take(report));
    await page.addInitScript({ path: join(__dirname, '../programs/page.js') });
    puppet.reports.take({ event: 'ready', version: browser.version() });
    return puppet;
  }

  tell(order: Order): void {
    this.#obey(order).catch((error) => this.reports.end(error));
  }

  end(): Promise<void> {
    return this.#browser.close();
  }

  async #obey(order: Order): Promise<void> {
    if (order.order !== 'connect') return this.#evaluate(order);
    const id = ++this.#connections;
    const { host } = new URL(order.url);
    await this.#page.goto(order.origin ?? `http://${host}`);
    return this.#evaluate({ ...order, id });
  }

  #evaluate(order: object): Promise<void> {
    return this.#page.evaluate((told) => (globalThis as unknown as { obey(told: object): void }).obey(told), order);
  }
}
