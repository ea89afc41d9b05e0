/**
 * Ten thousand connections between two processes that say one thing each and are silent from then on: what the server
 * keeps for each of them, and that a small piece never keeps the large one alive that it came in.
 *
 * FRAMEPIPE_FIGURES=1 prints what was measured.
 */
import { existsSync, readFileSync } from 'node:fs';
import { BY_ITSELF, Children, ends } from './support/child.js';
import { figure, KIBIBYTE } from './support/figures.js';

const WANTED = 10_000;
/** What a process has open besides. */
const OTHER_FILES = 200;

/** One read of a socket takes the message and what follows it, so a view into it would keep all of it. */
const MESSAGE_BYTES = 16 * KIBIBYTE;

interface Weight {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  readonly connections: number;
}

/** Node raises its own limit to the hard one as it starts. */
function mostFiles(): number {
  const path = '/proc/self/limits';
  if (!existsSync(path)) return WANTED + OTHER_FILES;
  const [, hard = ''] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync(path, 'utf8')) ?? [];
  return hard === 'unlimited' ? Infinity : Number(hard);
}

const children = new Children();
afterEach(() => children.end());

test('10,000 idle connections, or as many as there are file descriptors for, pin nothing of what they have said', async () => {
  const count = Math.min(WANTED, mostFiles() - OTHER_FILES);
  expect(count).toBeGreaterThanOrEqual(500);
  const host = children.start('idle-host', { args: [count], flags: ['--expose-gc'] });
  const crowd = children.start('idle-crowd', { args: [count, MESSAGE_BYTES] });
  const weigh = () => {
    host.tell('weigh');
    return host.heard<Weight>('weight');
  };
  crowd.tell('port', await host.heard('port'));
  const empty = await weigh();
  crowd.tell('open');
  await crowd.heard('opened');
  const opened = await weigh();
  crowd.tell('speak');
  await host.heard('heard');
  const idle = await weigh();
  const each = (from: Weight, to: Weight, what: 'heapUsed' | 'external' | 'rss') => (to[what] - from[what]) / count;
  for (const what of ['heapUsed', 'external', 'rss'] as const) {
    const [silent, spoken] = [each(empty, opened, what), each(empty, idle, what)];
    figure(`${count} connections, ${what} each: ${silent.toFixed(0)} B opened, ${spoken.toFixed(0)} B after a message`);
  }
  expect([opened.connections, idle.connections]).toEqual([count, count]);
  expect(each(opened, idle, 'external')).toBeLessThan(256);
  expect(each(empty, opened, 'external')).toBeLessThan(256);
  expect(each(empty, idle, 'heapUsed')).toBeLessThan(6 * KIBIBYTE);
  expect(each(empty, idle, 'rss')).toBeLessThan(MESSAGE_BYTES);
  for (const child of [crowd, host]) child.tell('leave');
  expect(await ends(crowd, host)).toEqual([BY_ITSELF, BY_ITSELF]);
}, 180_000);
