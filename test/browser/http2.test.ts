/** `npm start -- --tls`: the page's sockets run on HTTP/2, it says so, and everything on it works as over HTTP/1.1. */
import type { Page } from 'playwright-core';
import { connected, Demo } from './support/demo.js';
import { rowsAfter } from './support/rows.js';

const demos: Demo[] = [];

async function demoWith(...flags: string[]): Promise<Demo> {
  const demo = await Demo.start(...flags);
  demos.push(demo);
  return demo;
}

afterAll(() => Promise.all(demos.map((demo) => demo.stop())));

/** What the page says of each socket, by its name. */
function sockets(page: Page): Promise<Record<string, string>> {
  return page.$$eval('#sockets li', (items) =>
    Object.fromEntries(items.map((item) => [item.dataset['name'], item.textContent])),
  );
}

const ALL_SHOWN = '#sockets [data-name="lab"]';

async function runLab(page: Page): Promise<void> {
  await page.click('#run-lab');
  await page.waitForSelector('#verdicts li');
  await page.waitForSelector(ALL_SHOWN);
}

describe('over TLS', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await demoWith('--tls');
  }, 120_000);

  test('both sockets of the page run on HTTP/2, the lab client on HTTP/1.1, and the page says so', async () => {
    const { page, complaints } = await demo.visit();
    await runLab(page);
    expect(await sockets(page)).toEqual({
      frames: '/frames HTTP/2 over TLS',
      echo: '/echo HTTP/2 over TLS',
      lab: 'lab client HTTP/1.1 over TLS',
    });
    expect(await page.evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`)).toBe('h2');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('frames are shown as they were on the stream', async () => {
    const { page } = await demo.visit();
    const rows = await rowsAfter(page, 4, async () => {
      await page.click('#send-text');
      await page.click('[data-bytes="65536"]');
    });
    expect(rows.map(({ way, opcode, length }) => [way, opcode, length])).toEqual([
      ['browser → server', expect.stringContaining('text'), '5'],
      ['server → browser', expect.stringContaining('text'), '5'],
      ['browser → server', expect.stringContaining('text'), '65,536'],
      ['server → browser', expect.stringContaining('text'), '65,536'],
    ]);
    await page.context().close();
  });

  test('a closed valve fills the browser, an open one drains it', async () => {
    const { page } = await demo.visit();
    await page.click('#pause');
    await page.waitForSelector('#pause[aria-pressed="true"]');
    for (let bursts = 0; bursts < 3; bursts++) await page.click('#burst');
    await page.locator('.browser .held').filter({ hasText: 'MiB' }).waitFor();
    await page.click('#pause');
    await page.locator('#ledger').filter({ hasText: 'nothing lost' }).waitFor();
    await page.context().close();
  });

  test('a socket that is closed is no longer listed, and one that is opened again is', async () => {
    const { page, complaints } = await demo.visit();
    await page.waitForSelector('#sockets [data-name="echo"]');
    await page.click('#close');
    await page.waitForSelector('#status[data-state="off"]');
    expect(await page.textContent('#status')).toBe('Closed 1000');
    expect(await sockets(page)).toEqual({ frames: '/frames HTTP/2 over TLS' });
    await page.click('#reconnect');
    await connected(page);
    await page.waitForSelector('#sockets [data-name="echo"]');
    expect((await sockets(page))['echo']).toBe('/echo HTTP/2 over TLS');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

test('without TLS every socket runs on HTTP/1.1, and the page says that', async () => {
  const demo = await demoWith();
  const { page } = await demo.visit();
  await runLab(page);
  expect(await sockets(page)).toEqual({
    frames: '/frames HTTP/1.1',
    echo: '/echo HTTP/1.1',
    lab: 'lab client HTTP/1.1',
  });
  await page.context().close();
}, 120_000);
