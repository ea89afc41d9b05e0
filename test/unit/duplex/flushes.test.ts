import { once } from 'node:events';
import { Flushes } from '../../../src/duplex/flushes.js';
import { binary } from '../../support/frames.js';
import { facing } from '../../support/web-sockets.js';

/** Flushes, and what was sent by whom, in order. */
function flushes() {
  const sent: string[] = [];
  const collector = (name: string, then = () => {}) => ({
    tickEnds() {
      sent.push(name);
      then();
    },
  });
  return { flushes: new Flushes(), sent, collector };
}

test('outside of a read, what was collected is sent when the tick ends', async () => {
  const { flushes: one, sent, collector } = flushes();
  one.add(collector('a'));
  expect(sent).toEqual([]);
  process.nextTick(() => sent.push('after'));
  await null;
  await new Promise(setImmediate);
  expect(sent).toEqual(['a', 'after']);
});

test('within one, when all that was read has been taken, in order', () => {
  const { flushes: one, sent, collector } = flushes();
  for (let read = 0; read < 2; read++) {
    one.begin();
    one.add(collector('a'));
    one.add(collector('b'));
    expect(sent).toEqual([]);
    one.end();
    expect(sent.splice(0)).toEqual(['a', 'b']);
  }
});

test('what sending leads to is sent when the tick ends', async () => {
  const { flushes: one, sent, collector } = flushes();
  one.begin();
  one.add(collector('a', () => one.add(collector('b'))));
  one.end();
  expect(sent).toEqual(['a']);
  await new Promise(setImmediate);
  expect(sent).toEqual(['a', 'b']);
});

test('who throws keeps nobody from sending', async () => {
  const { flushes: one, sent, collector } = flushes();
  one.begin();
  const fail = () => {
    throw new Error('not this one');
  };
  one.add(collector('a', fail));
  one.add(collector('b'));
  expect(() => one.end()).toThrow('not this one');
  one.begin();
  one.end();
  expect(sent).toEqual(['a']);
  await new Promise(setImmediate);
  expect(sent).toEqual(['a', 'b']);
});

test('a socket answers all messages of a read in one write, before anything else has its turn', async () => {
  const { ws, peer } = await facing();
  const written: string[] = [];
  ws.on('data', (message: Buffer) => {
    ws.write(message);
    written.push(`message, ${ws.bufferedBytes} bytes wait`);
    process.nextTick(() => written.push(`tick, ${ws.bufferedBytes} bytes wait`));
  });
  peer.send(binary('abc'), binary('def'));
  while (peer.frames.length < 2) await once(peer.socket, 'heard');
  expect(written).toEqual([
    'message, 5 bytes wait',
    'message, 10 bytes wait',
    'tick, 0 bytes wait',
    'tick, 0 bytes wait',
  ]);
});
