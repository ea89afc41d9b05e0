/** The page in light and dark, on a phone and on a desktop: nothing sticks out, and everything can be read. */
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Demo } from './support/demo.js';
import { rowsAfter } from './support/rows.js';

let demo: Demo;
const shots = mkdtempSync(join(tmpdir(), 'framepipe-look-'));

beforeAll(async () => {
  demo = await Demo.start();
}, 120_000);

afterAll(() => demo?.stop());

const SCREENS = [
  ['desktop', 1440, 900],
  ['tablet', 820, 1180],
  ['phone', 390, 844],
  ['small-phone', 320, 568],
] as const;

const LOOKS = SCREENS.flatMap(([name, width, height]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ name, width, height, colorScheme })),
);

/** WCAG contrast of each visible text with what lies behind it; colours are read back from a canvas pixel. */
const CONTRASTS = `(() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const over = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || !node.checkVisibility() || node.closest('noscript, :disabled, .skip')) continue;
    const layers = [];
    for (let at = node; at !== null; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    const behind = light(over(layers));
    const text = light(over([...layers, getComputedStyle(node).color]));
    const ratio = (Math.max(behind, text) + 0.05) / (Math.min(behind, text) + 0.05);
    if (ratio < 4.5) faults.push(node.className + ' "' + walker.currentNode.data.slice(0, 20) + '" ' + ratio.toFixed(2));
  }
  return faults;
})()`;

/** Elements that reach beyond the right edge, other than what scrolls in a frame of its own. */
const STICKING_OUT = `[...document.querySelectorAll('body *')]
  .filter((node) => !node.closest('.scroll-x, pre, .scroll, .skip') && node.getBoundingClientRect().right > innerWidth + 0.5)
  .map((node) => node.tagName + '.' + node.className)`;

const SMALL_TARGETS = `[...document.querySelectorAll('button, input, select, textarea')]
  .filter((node) => node.checkVisibility())
  .filter((node) => { const { width, height } = node.getBoundingClientRect(); return width < 24 || height < 24; })
  .map((node) => node.id || node.textContent)`;

const UNNAMED = `[...document.querySelectorAll('button, input, select, textarea')]
  .filter((node) => !node.textContent.trim() && !node.labels?.length && !node.ariaLabel)
  .map((node) => node.outerHTML)`;

test.each(LOOKS)('$name, $colorScheme', async ({ name, width, height, colorScheme }) => {
  const { page, complaints } = await demo.visit({ viewport: { width, height }, colorScheme });
  await rowsAfter(page, 4, async () => {
    await page.click('#send-text');
    await page.click('[data-bytes="65536"]');
  });
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  expect(await page.evaluate(STICKING_OUT)).toEqual([]);
  expect(await page.evaluate(CONTRASTS)).toEqual([]);
  expect(await page.evaluate(SMALL_TARGETS)).toEqual([]);
  expect(await page.evaluate(UNNAMED)).toEqual([]);
  const path = join(shots, `${name}-${colorScheme}.png`);
  await page.screenshot({ path, fullPage: true });
  expect(statSync(path).size).toBeGreaterThan(20_000);
  expect(complaints).toEqual([]);
  await page.context().close();
});

function paper(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.body).backgroundColor');
}

test('the toggle goes from the system to light and dark, and the choice outlives a reload', async () => {
  const { page } = await demo.visit({ colorScheme: 'dark' });
  const dark = await paper(page);
  await page.click('#theme');
  expect(await page.textContent('#theme')).toBe('Theme: light');
  const light = await paper(page);
  expect(light).not.toBe(dark);
  await page.reload();
  expect(await paper(page)).toBe(light);
  await page.click('#theme');
  expect(await paper(page)).toBe(dark);
  await page.context().close();
});

test('who asks for less motion gets none', async () => {
  const { page } = await demo.visit({ reducedMotion: 'reduce' });
  const moving = `[...document.querySelectorAll('*')].filter((node) =>
    ['', '::before', '::after'].some((part) => getComputedStyle(node, part).transitionDuration !== '0s')).length`;
  expect(await page.evaluate(moving)).toBe(0);
  await page.context().close();
});

test('the keyboard reaches the message first, and sees where it is', async () => {
  const { page } = await demo.visit();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the message field');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('say');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  await page.context().close();
});

test('the state of the connection is announced', async () => {
  const { page } = await demo.visit();
  expect(await page.getAttribute('#status', 'aria-live')).toBe('polite');
  expect(await page.textContent('#status')).toBe('Connected');
  await page.context().close();
});
