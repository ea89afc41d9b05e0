/** What a person types becomes frames, and the page shows them as they were. */
import { connected, Demo, type Visit } from './support/demo.js';
import { anatomy, rowsAfter, text } from './support/rows.js';

let demo: Demo;
let visit: Visit;

beforeAll(async () => {
  demo = await Demo.start();
}, 120_000);

afterAll(() => demo?.stop());

beforeEach(async () => {
  visit = await demo.visit({ viewport: { width: 1280, height: 900 } });
});

afterEach(async () => {
  expect(visit.complaints).toEqual([]);
  await visit.page.context().close();
});

const WHOLE = { fin: '1', rsv: '000' };
const SENT = { ...WHOLE, way: 'browser \u2192 server', mask: '1', key: expect.stringMatching(/^[0-9a-f]{8}$/) };
const ECHOED = { ...WHOLE, way: 'server \u2192 browser', mask: '0', key: '\u2013' };

test('text: both directions, and the unmasked text is what was typed', async () => {
  const { page } = visit;
  const typed = 'Hello, wire: Gr\u00fc\u00dfe \u{1f30d}';
  const length = String(Buffer.byteLength(typed));
  const frames = await rowsAfter(page, 2, async () => {
    await page.fill('#say', typed);
    await page.click('#send-text');
  });
  const frame = { opcode: '1 text', length, form: '7', preview: typed };
  expect(frames).toEqual([
    { ...SENT, ...frame },
    { ...ECHOED, ...frame },
  ]);

  const { raw, key, form, plain } = await anatomy(page);
  expect(form).toBe('7 bit');
  expect(plain).toBe(typed);
  expect(raw[0]).toBe(0x81);
  expect(raw[1]).toBe(0x80 | Number(length));
  expect(raw.toString('hex', 2, 6)).toBe(key.replaceAll(' ', ''));
  const unmasked = raw.subarray(6).map((byte, index) => byte ^ raw.readUInt8(2 + (index % 4)));
  expect(Buffer.from(unmasked).toString()).toBe(typed);
});

test('Enter sends, Shift+Enter breaks the line', async () => {
  const { page } = visit;
  const frames = await rowsAfter(page, 2, async () => {
    await page.fill('#say', 'two');
    await page.press('#say', 'Shift+Enter');
    await page.type('#say', 'lines');
    await page.press('#say', 'Enter');
  });
  expect(frames[0]).toMatchObject({ preview: 'two\nlines', length: '9' });
});

test('binary: hex pairs are bytes', async () => {
  const { page } = visit;
  const frames = await rowsAfter(page, 2, async () => {
    await page.fill('#say', '00 ff 7f 80');
    await page.click('#send-binary');
  });
  const frame = { opcode: '2 binary', length: '4', form: '7', preview: '00 ff 7f 80' };
  expect(frames).toEqual([
    { ...SENT, ...frame },
    { ...ECHOED, ...frame },
  ]);
});

test.each([
  ['0', '7'],
  ['125', '7'],
  ['126', '7+16'],
  ['65,535', '7+16'],
  ['65,536', '7+64'],
])('a text of %s bytes has its length in %s bits, both ways', async (length, form) => {
  const { page } = visit;
  const button = `[data-bytes="${length.replace(',', '')}"]`;
  const frames = await rowsAfter(page, 2, () => page.click(button));
  expect(frames).toMatchObject([
    { ...SENT, length, form },
    { ...ECHOED, length, form },
  ]);
  expect(await text(page, '#fact-form')).toBe(`${form} bit`);
});

test('a typed message of 70 KB takes the 64-bit form, and the page shows its first bytes', async () => {
  const { page } = visit;
  const frames = await rowsAfter(page, 2, async () => {
    await page.fill('#say', 'seventy thousand '.repeat(4118).slice(0, 70_000));
    await page.click('#send-text');
  });
  expect(frames).toMatchObject([
    { ...SENT, length: '70,000', form: '7+64' },
    { ...ECHOED, length: '70,000', form: '7+64' },
  ]);
  const { raw, plain } = await anatomy(page);
  expect(raw.readBigUInt64BE(2)).toBe(70_000n);
  expect(raw).toHaveLength(256);
  expect(plain).toMatch(/^seventy thousand seventy/);
});

test('fragments: the next echo comes in three, a ping inside, and the browser answers it', async () => {
  const { page } = visit;
  await page.click('#fragment');
  await page.waitForSelector('#fragment[aria-pressed="true"]');
  const frames = await rowsAfter(page, 6, async () => {
    await page.fill('#say', 'fragment me');
    await page.click('#send-text');
  });
  expect(frames.map(({ way, fin, opcode }) => `${way.split(' ')[0]} ${fin} ${opcode}`)).toEqual([
    'browser 1 1 text',
    'server 0 1 text',
    'server 1 9 ping',
    'server 0 0 continuation',
    'server 1 0 continuation',
    'browser 1 a pong',
  ]);
  await page.waitForSelector('#fragment[aria-pressed="false"]');
});

test('ping: the browser answers with the same payload, masked', async () => {
  const { page } = visit;
  const frames = await rowsAfter(page, 2, () => page.click('#ping'));
  expect(frames).toMatchObject([
    { ...ECHOED, opcode: '9 ping', preview: 'are you there?' },
    { ...SENT, opcode: 'a pong', preview: 'are you there?' },
  ]);
});

test('close: code and reason go out, the code comes back, and the page can connect again', async () => {
  const { page } = visit;
  const frames = await rowsAfter(page, 2, async () => {
    await page.fill('#code', '3001');
    await page.fill('#reason', 'see you');
    await page.click('#close');
  });
  expect(frames).toMatchObject([
    { ...SENT, opcode: '8 close', preview: '3001 see you' },
    { ...ECHOED, opcode: '8 close', preview: '3001 ' },
  ]);
  await page.waitForSelector('#status[data-state="off"]');
  expect(await text(page, '#status')).toBe('Closed 3001');
  expect(await page.isDisabled('#send-text')).toBe(true);
  await page.click('#reconnect');
  await connected(page);
  expect(await rowsAfter(page, 2, () => page.click('#send-text'))).toHaveLength(2);
});

test('a code that browsers refuse is explained', async () => {
  const { page } = visit;
  await page.fill('#code', '1001');
  await page.click('#close');
  await page.waitForSelector('#notice:not([hidden])');
  expect(await text(page, '#notice')).toMatch(/^The browser refuses: .*1001/);
});

test.each([
  ['fragments', '1000', 'The server accepted every frame.'],
  ['reserved-opcode', '1002', 'Frame uses a reserved opcode'],
  ['unmasked', '1002', 'Frame from a client is not masked'],
  ['bad-utf8', '1007', 'Text is not valid UTF-8'],
])('lab client: %s ends with %s and a sentence', async (id, code, sentence) => {
  const { page } = visit;
  await page.selectOption('#case', id);
  await page.click('#run-lab');
  await page.waitForSelector('#verdicts li');
  expect(await text(page, '#verdicts .badge')).toBe(code);
  expect(await text(page, '#verdicts .verdict')).toContain(sentence);
  expect(await page.$('#verdicts .odd')).toBeNull();
  expect(await text(page, '#frames .c-way')).toBe('server \u2192 lab');
});

test('rows can be walked with the keyboard, and the anatomy follows', async () => {
  const { page } = visit;
  await rowsAfter(page, 4, async () => {
    await page.click('[data-bytes="125"]');
    await page.click('[data-bytes="126"]');
  });
  expect(await text(page, '#fact-payload')).toBe('126 bytes');
  await page.focus('#frames button[tabindex="0"]');
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowDown');
  expect(await text(page, '#fact-payload')).toBe('125 bytes');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  expect(await text(page, '#fact-payload')).toBe('126 bytes');
  expect(await page.inputValue('#follow')).toBe('none');
  expect(await page.$$eval('#frames [aria-current]', (rows) => rows.length)).toBe(1);
});
