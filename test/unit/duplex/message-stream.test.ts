import { once } from 'node:events';
import { MessageStream } from '../../../src/duplex/message-stream.js';
import { turns } from '../../support/streams.js';

function stream(type: 'text' | 'binary' = 'text') {
  const hooks = { onWanted: jest.fn(), onAbandoned: jest.fn() };
  return { hooks, stream: new MessageStream(type, hooks) };
}

test('is collected as text, bytes or JSON, however its characters were cut', async () => {
  const pieces = Array.from(Buffer.from('{"é":"😀"}'), (byte) => Buffer.of(byte));
  for (const [read, expected] of [
    ['text', '{"é":"😀"}'],
    ['bytes', Buffer.concat(pieces)],
    ['json', { é: '😀' }],
  ] as const) {
    const { stream: one, hooks } = stream();
    for (const piece of [...pieces, null]) one.push(piece);
    expect(await one[read]()).toEqual(expected);
    await turns(2);
    expect(hooks.onAbandoned).not.toHaveBeenCalled();
  }
});

test('nothing collected is an empty message; JSON that is none rejects', async () => {
  const { stream: empty } = stream();
  empty.push(null);
  expect(await empty.text()).toBe('');
  const { stream: bad } = stream();
  bad.push('{');
  bad.push(null);
  await expect(bad.json()).rejects.toThrow(SyntaxError);
});

test('has enough with what it holds, and asks for more when that is read', () => {
  const { stream: one, hooks } = stream('binary');
  expect(one.push(Buffer.alloc(1))).toBe(false);
  expect(hooks.onWanted).not.toHaveBeenCalled();
  one.read();
  expect(hooks.onWanted).toHaveBeenCalledTimes(1);
});

test('destroyed before its end it was abandoned, with an error or without', async () => {
  for (const error of [undefined, new Error('enough')]) {
    const { stream: one, hooks } = stream();
    one.push('begun');
    one.destroy(error);
    await once(one, 'close').catch(() => {});
    expect(hooks.onAbandoned).toHaveBeenCalledTimes(1);
  }
});

test('an error that nobody listens to is silent; a collector gets it', async () => {
  const { stream: one } = stream();
  one.destroy(new Error('cut off'));
  await turns(2);
  const { stream: read } = stream();
  const text = read.text();
  read.destroy(new Error('cut off'));
  await expect(text).rejects.toThrow('cut off');
});
