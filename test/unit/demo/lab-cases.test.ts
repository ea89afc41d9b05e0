import { FrameDecoder } from '../../../src/codec/stream/frame-decoder.js';
import { MessageDecoder } from '../../../src/codec/stream/message-decoder.js';
import { LAB_CASES } from '../../../src/demo/lab-cases.js';

test('every case has a name of its own, a title and bytes', () => {
  expect(new Set(LAB_CASES.map(({ id }) => id)).size).toBe(LAB_CASES.length);
  for (const { title, bytes } of LAB_CASES) {
    expect(title).not.toBe('');
    expect(bytes.length).toBeGreaterThan(0);
  }
});

const legal = LAB_CASES.filter(({ expects }) => expects === 1000);
const brokenOnTheWire = LAB_CASES.filter(({ expects, id }) => expects !== 1000 && id !== 'bad-code');

test.each(legal)('$id is one message, whatever it looks like on the wire', async ({ bytes }) => {
  const messages: unknown[] = [];
  const decoder = new FrameDecoder({ role: 'server' });
  decoder.pipe(new MessageDecoder()).on('data', (message) => messages.push(message));
  decoder.write(bytes);
  await new Promise((resolve) => setImmediate(resolve));
  expect(messages).toEqual(['Hello, fragments']);
});

test.each(brokenOnTheWire)('$id fails with close code $expects', async ({ bytes, expects }) => {
  const failed = new Promise<{ closeCode: number }>((resolve) => {
    const decoder = new FrameDecoder({ role: 'server' });
    const messages = new MessageDecoder();
    decoder.on('error', resolve);
    messages.on('error', resolve);
    decoder.pipe(messages);
    decoder.write(bytes);
  });
  expect((await failed).closeCode).toBe(expects);
});
