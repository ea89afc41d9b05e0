import { PassThrough } from 'node:stream';
import { Valve } from '../../../src/demo/valve.js';
import { collect, turns } from '../../support/streams.js';

test('an open valve passes every message and counts payload bytes', async () => {
  const out = new PassThrough({ objectMode: true });
  const valve = new Valve(out);
  valve.write('grüß');
  valve.write(Buffer.alloc(10));
  valve.end();
  expect(await collect(out)).toEqual(['grüß', Buffer.alloc(10)]);
  expect(valve.takenBytes).toBe(16);
});

test('a shut valve keeps one message and makes the writer wait; opening lets all through, the end too', async () => {
  const out = new PassThrough({ objectMode: true });
  const valve = new Valve(out);
  valve.shut();
  expect(valve.isShut).toBe(true);
  expect(valve.write('a')).toBe(false);
  valve.end();
  await turns(5);
  expect(out.readableLength).toBe(0);
  expect(valve.takenBytes).toBe(0);
  valve.open();
  expect(await collect(out)).toEqual(['a']);
});

test('an end that meets a shut valve waits for it', async () => {
  const out = new PassThrough({ objectMode: true });
  const valve = new Valve(out);
  valve.shut();
  valve.end();
  await turns(5);
  expect(out.writableEnded).toBe(false);
  valve.open();
  expect(await collect(out)).toEqual([]);
});

test('a destination that is full stops the valve until it drains', async () => {
  const out = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const valve = new Valve(out);
  for (let sent = 0; sent < 20; sent++) valve.write('x');
  valve.end();
  await turns(5);
  expect(valve.takenBytes).toBeLessThan(5);
  expect(await collect(out)).toHaveLength(20);
});

test('a destination that has ended swallows what is left', async () => {
  const out = new PassThrough({ objectMode: true });
  const valve = new Valve(out);
  out.end();
  await new Promise((resolve) => valve.end('late', () => resolve(null)));
  expect(await collect(out)).toEqual([]);
});
