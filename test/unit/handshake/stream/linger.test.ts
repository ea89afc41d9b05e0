import { once } from 'node:events';
import { Duplex, duplexPair } from 'node:stream';
import { endWith, linger } from '../../../../src/handshake/stream/linger.js';
import { received } from '../../../support/received.js';
import { socketPair } from '../../../support/socket-pair.js';

test('the response leaves, the socket ends, and goes when the peer has ended too', async () => {
  const { near, far } = await socketPair();
  endWith(near, Buffer.from('no'));
  expect(await received(far)).toBe('no');
  expect(near.destroyed).toBe(false);
  far.end();
  await once(near, 'close');
  far.destroy();
});

test('a peer that goes on sending can still read the response: nothing is reset', async () => {
  const { near, far } = await socketPair();
  far.write(Buffer.alloc(4 << 20));
  endWith(near, Buffer.from('no'));
  expect(await received(far)).toBe('no');
  far.end();
  await once(near, 'close');
  far.destroy();
});

test('a peer that never ends is left after the given time', async () => {
  const { near, far } = await socketPair();
  endWith(near, Buffer.from('no'), 1);
  await once(near, 'close');
  expect(near.errored).toBeNull();
  far.destroy();
});

test('a peer that never reads is left as well', async () => {
  const [near] = duplexPair();
  endWith(near, Buffer.alloc(1 << 20), 1);
  await once(near, 'close');
});

test('a socket that fails meanwhile throws nothing', async () => {
  const near = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(new Error('gone')) });
  endWith(near, Buffer.from('no'));
  await once(near, 'close').catch(() => {});
  expect(near.destroyed).toBe(true);
});

test('a socket that is destroyed already is left alone', async () => {
  const [near] = duplexPair();
  near.destroy();
  endWith(near, Buffer.from('no'));
  await once(near, 'close');
});

test('a peer that is to end first is waited for, then the socket ends and goes', async () => {
  const { near, far } = await socketPair();
  far.write('late');
  linger(near, Infinity, true);
  await once(near, 'resume');
  expect(near.writableEnded).toBe(false);
  far.end();
  await Promise.all([once(near, 'close'), received(far)]);
  expect(near.writableFinished).toBe(true);
  far.destroy();
});

test('a peer that is to end first and does not is left after the given time', async () => {
  const { near, far } = await socketPair();
  linger(near, 1, true);
  await once(near, 'close');
  expect(near.writableEnded).toBe(false);
  far.destroy();
});

test('a peer that has ended already is not waited for', async () => {
  const { near, far } = await socketPair();
  near.resume();
  far.end();
  await once(near, 'end');
  linger(near, Infinity, true);
  await once(near, 'close');
  far.destroy();
});
