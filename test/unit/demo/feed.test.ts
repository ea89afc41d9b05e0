import { Writable } from 'node:stream';
import { Feed } from '../../../src/demo/feed.js';
import { turns } from '../../support/streams.js';

/** A watcher that reads only when told to. */
function slowWatcher() {
  const lines: { type: string; count?: number }[] = [];
  let release = () => {};
  const out = new Writable({
    objectMode: true,
    write: (line: string, _, done) => {
      lines.push(JSON.parse(line));
      release = done;
    },
  });
  const read = () => {
    const done = release;
    release = () => {};
    done();
  };
  return { out, lines, read };
}

test('a fast watcher gets every line', async () => {
  const lines: string[] = [];
  const out = new Writable({ objectMode: true, write: (line, _, done) => done(void lines.push(line)) });
  const feed = new Feed(out);
  for (let n = 0; n < 100; n++) feed.offer({ n });
  await turns(2);
  expect(lines).toHaveLength(100);
  expect(feed.dropped).toBe(0);
});

test('a slow watcher loses offered lines, never told ones, and learns how many as soon as there is room', async () => {
  const { out, lines, read } = slowWatcher();
  const feed = new Feed(out, 100);
  for (let n = 0; n < 50; n++) feed.offer({ type: 'frame', filler: 'x'.repeat(20) });
  feed.tell({ type: 'lab' });
  expect(feed.dropped).toBe(47);
  for (let n = 0; n < 10; n++) {
    read();
    await turns(1);
  }
  expect(lines.map(({ type }) => type)).toEqual(['frame', 'frame', 'frame', 'lab', 'dropped']);
  expect(lines.at(-1)).toEqual({ type: 'dropped', count: 47 });
  expect(feed.dropped).toBe(0);
});

test('even told lines are bounded', () => {
  const { out } = slowWatcher();
  const feed = new Feed(out, 100);
  for (let n = 0; n < 1000; n++) feed.tell({ type: 'refused', why: 'no' });
  expect(out.writableLength).toBeLessThan(20);
});

test('a watcher that has gone is no error', () => {
  const { out } = slowWatcher();
  const feed = new Feed(out);
  out.destroy();
  expect(() => feed.tell({ type: 'attached' })).not.toThrow();
});
