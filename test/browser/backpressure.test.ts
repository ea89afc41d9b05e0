/** Closing the valve fills the pipe up to the browser; opening it drains every byte. */
import { setTimeout as after } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { Demo, type Visit } from './support/demo.js';
import { text } from './support/rows.js';

let demo: Demo;
let visit: Visit;

beforeAll(async () => {
  demo = await Demo.start();
  visit = await demo.visit({ viewport: { width: 1280, height: 900 } });
}, 120_000);

afterAll(() => demo?.stop());

const BURST_BYTES = 4 * 1024 * 1024;
const MOST_BURSTS = 8;

function held(page: Page, place: string): Promise<string> {
  return text(page, `[data-at="${place}"] .held`);
}

function inFlight(page: Page): Promise<number> {
  return page.$eval('#in-flight', (total) => Number(total.dataset.bytes));
}

/** Resolves when all of `bytes` are under way and nothing moves: that can only be seen over time, here over half a second. */
async function standsStill(page: Page, bytes: number): Promise<void> {
  for (let last = ''; ; ) {
    await after(500);
    const now = (await page.$$eval('[data-at] .held', (places) => places.map(({ textContent }) => textContent))).join();
    if (now === last && (await inFlight(page)) === bytes) return;
    last = now;
  }
}

test('with the valve shut the bytes pile up: stages, kernels, and at last bufferedAmount', async () => {
  const { page } = visit;
  await page.click('#pause');
  await page.waitForSelector('#pause[aria-pressed="true"]');
  let bursts = 0;
  while (bursts < MOST_BURSTS && (await held(page, 'browser')) === '0 B') {
    await page.click('#burst');
    bursts++;
    await standsStill(page, bursts * BURST_BYTES);
  }
  expect(await held(page, 'browser')).not.toBe('0 B');
  expect(await held(page, 'network')).not.toBe('0 B');
  expect(await held(page, 'stages')).toMatch(/MiB$/);
  expect(await held(page, 'returning')).toBe('0 B');
});

test('with the valve open again every byte comes back', async () => {
  const { page, complaints } = visit;
  const sent = await inFlight(page);
  await page.click('#pause');
  await page.waitForSelector('.drained', { timeout: 25_000 });
  expect(await inFlight(page)).toBe(0);
  const grouped = new Intl.NumberFormat('en-US').format(sent);
  expect(await text(page, '#ledger')).toBe(`${grouped} sent, ${grouped} echoed \u2013 drained, nothing lost.`);
  expect(complaints).toEqual([]);
});

test('the history stays bounded, and says so', async () => {
  const { page } = visit;
  // A ping and its pong are two frames, however few the bursts were cut into.
  await page.$eval('#ping', (button: { click(): void }) => {
    for (let pings = 0; pings < 101; pings++) button.click();
  });
  await page.waitForSelector('#count:has-text("the last 200 are kept")');
  expect(await text(page, '#count')).toMatch(/^\d{3,} frames, the last 200 are kept/);
  expect(await page.$$eval('#frames tr', (rows) => rows.length)).toBeLessThanOrEqual(200);
});
