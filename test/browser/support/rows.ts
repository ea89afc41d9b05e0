/**
 * The table of frames as data.
 *
 * Knows: the classes of its cells.
 * Does not know: which frames there should be.
 */
import type { Page } from 'playwright-core';

/** One row of the table, as a reader sees it. */
export interface Row {
  readonly way: string;
  readonly fin: string;
  readonly rsv: string;
  readonly opcode: string;
  readonly mask: string;
  readonly length: string;
  readonly form: string;
  readonly key: string;
  readonly preview: string;
}

const CELLS = ['way', 'fin', 'rsv', 'opcode', 'mask', 'length', 'form', 'key'];

/** All rows, oldest first. */
export async function rows(page: Page): Promise<Row[]> {
  const found: Row[] = await page.$$eval(
    '#frames tr',
    (list, cells) =>
      list.map((row) => {
        const text = (name: string) => row.querySelector(name)?.textContent ?? '';
        const entries = cells.map((cell) => [cell, text(`.c-${cell}`)]);
        return { ...Object.fromEntries(entries), preview: text('.preview') };
      }),
    CELLS,
  );
  return found.reverse();
}

/** The rows that `act` adds, once there are `count` of them. */
export async function rowsAfter(page: Page, count: number, act: () => Promise<void>): Promise<Row[]> {
  await page.click('#clear');
  await act();
  await page
    .locator('#frames tr')
    .nth(count - 1)
    .waitFor();
  await page.waitForTimeout(50);
  return rows(page);
}

/** What the anatomy of the selected frame shows. */
export async function anatomy(page: Page): Promise<{ raw: Buffer; key: string; form: string; plain: string }> {
  const hex = await page.$$eval('#raw .line', (lines) =>
    lines.map((line) => line.textContent.slice(6, 6 + 48).trim()).join(' '),
  );
  return {
    raw: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
    key: await text(page, '#fact-key'),
    form: await text(page, '#fact-form'),
    plain: await text(page, '#plain'),
  };
}

export async function text(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector)) ?? '';
}
