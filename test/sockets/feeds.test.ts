/** A source that never ends, and peers that leave it (RFC 6455 §5.5.1). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connected, serving } from '../support/web-sockets.js';

async function* endless() {
  for (let i = 0; ; i++) {
    yield `line ${i}`;
    await new Promise(setImmediate);
  }
}

test.each([
  ['a Readable', () => Readable.from(endless())],
  ['an async iterable', () => endless()],
])('%s is stopped when the peer closes, and the peer has closed cleanly', async (_, source) => {
  let ended: Promise<unknown> | null = null;
  const { url } = await serving({}, (ws) => {
    ended = pipeline(source(), ws).catch((error: unknown) => error);
  });
  const client = connected(url);
  for await (const line of client) {
    expect(line).toBe('line 0');
    break;
  }
  const leaving = connected(url);
  await leaving.opened;
  expect(await leaving.close()).toMatchObject({ code: 1000, received: { code: 1000 } });
  expect(await ended).toMatchObject({ code: 'ERR_WS_PEER_LEFT' });
});

test('to a socket that is over, write says false', async () => {
  const { url } = await serving();
  const ws = connected(url);
  await ws.opened;
  ws.destroy();
  expect(ws.write('too late')).toBe(false);
});

test('an upload that its server closes early has failed, cleanly as the close may be', async () => {
  const { url } = await serving({}, (ws) => ws.close(1000, 'enough'));
  const ws = connected(url);
  await expect(pipeline(Readable.from(endless()), ws)).rejects.toMatchObject({ code: 'ERR_WS_PEER_LEFT' });
  expect(await ws.closed).toMatchObject({ received: { code: 1000, reason: 'enough' }, sent: { code: 1000 } });
});

test('who reads and answers is not cut off by the peer’s close', async () => {
  const { url } = await serving({}, (ws) => {
    pipeline(ws, endsWith('bye'), ws).catch(() => {});
  });
  const client = connected(url);
  client.end('hello');
  const answers: unknown[] = [];
  for await (const answer of client) answers.push(answer);
  expect(answers).toEqual(['hello', 'bye']);
});

function endsWith(last: string) {
  return async function* (messages: AsyncIterable<unknown>) {
    yield* messages;
    await new Promise(setImmediate);
    yield last;
  };
}
