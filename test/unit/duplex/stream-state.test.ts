import { once } from 'node:events';
import * as node from 'node:stream';
import * as userland from 'readable-stream';
import { MessageStream } from '../../../src/duplex/message-stream.js';
import {
  askForDrain,
  defineClosed,
  isFed,
  lastReader,
  mayBeDestroyedAtEnd,
  onlyPipe,
  readOnWithoutReader,
  shapeEvents,
} from '../../../src/duplex/stream-state.js';
import { turns } from '../../support/streams.js';

const LIBRARIES = [
  ['node:stream', node],
  ['readable-stream', userland as unknown as typeof node],
] as const;

describe.each(LIBRARIES)('of %s', (_, { Duplex, PassThrough, Readable, pipeline }) => {
  const idle = () =>
    new Duplex({ objectMode: true, read() {}, write: (_chunk, _encoding, done) => setImmediate(done) });

  test('a table of listeners with a shape does what the other one does, and keeps what was there', async () => {
    const stream = idle();
    const [early, late] = [jest.fn(), jest.fn()];
    stream.on('early', early);
    shapeEvents(stream);
    expect(stream.eventNames()).toEqual(['early']);
    expect(stream.emit('constructor')).toBe(false);
    expect(stream.emit('__proto__')).toBe(false);
    stream.once('late', late).once('late', late);
    for (let time = 0; time < 2; time++) stream.emit('late', time);
    stream.emit('early');
    expect([early.mock.calls.length, late.mock.calls]).toEqual([1, [[0], [0]]]);
    expect([stream.listenerCount('early'), stream.listenerCount('late')]).toEqual([1, 0]);
    stream.removeAllListeners();
    expect(stream.eventNames()).toEqual([]);
  });

  test('the only one that a stream is piped into, while nothing waits and nobody else listens', () => {
    const [source, target] = [new PassThrough({ objectMode: true }), idle()];
    expect(lastReader(source)).toBeUndefined();
    expect(onlyPipe(source, lastReader(source))).toBeNull();
    source.pipe(target);
    const piping = lastReader(source);
    expect(onlyPipe(source, piping)).toBe(target);
    source.pause();
    expect(onlyPipe(source, piping)).toBeNull();
    source.push('waits');
    source.resume();
    expect(onlyPipe(source, piping)).toBeNull();
    source.read();
    expect(onlyPipe(source, piping)).toBe(target);
    const listener = () => {};
    source.on('data', listener);
    expect(lastReader(source)).toBe(listener);
    expect(onlyPipe(source, piping)).toBeNull();
    source.off('data', listener);
    const other = idle();
    source.pipe(other);
    const pipingOther = lastReader(source);
    expect(onlyPipe(source, pipingOther)).toBeNull();
    source.unpipe(target);
    expect(onlyPipe(source, pipingOther)).toBe(other);
    source.unpipe(other);
    expect(onlyPipe(source, pipingOther)).toBeNull();
    source.resume();
    source.on('data', listener);
    expect(onlyPipe(source, listener)).toBeNull();
  });

  test('whoever has taken the listener of `pipe` away and listens in its place is not the pipe', () => {
    const [source, target] = [new PassThrough({ objectMode: true }), idle()];
    source.pipe(target);
    const piping = lastReader(source);
    source
      .removeAllListeners('data')
      .on('data', () => {})
      .resume();
    expect(onlyPipe(source, piping)).toBeNull();
  });

  test("`closed` is the boolean to Node's stream code, and to everybody else what was asked for", async () => {
    class Promising extends Duplex {}
    const asked = jest.fn(() => 'promised');
    defineClosed(Promising.prototype, asked);
    const stream = new Promising({ read() {} });
    expect(stream.closed).toBe('promised');
    await once(stream.destroy(), 'close');
    expect(asked).toHaveBeenCalledTimes(1);
    // Over already, and for somebody who comes too late: it would wait for a 'close' where `closed` is no boolean.
    const code = 'ERR_STREAM_PREMATURE_CLOSE';
    await expect(new Promise((resolve) => node.finished(stream, resolve))).resolves.toMatchObject({ code });
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("a 'drain' that was asked for comes although the queue was never long", async () => {
    const stream = idle();
    expect(stream.write('x')).toBe(true);
    askForDrain(stream);
    expect(stream.writableNeedDrain).toBe(true);
    await once(stream, 'drain');
  });

  test('an iterator at its end destroys a Duplex, unless it may not', async () => {
    for (const may of [true, false]) {
      const stream = idle();
      stream.on('error', () => {});
      mayBeDestroyedAtEnd(stream, may);
      stream.push(null);
      for await (const _item of stream);
      await turns(2);
      expect(stream.destroyed).toBe(may);
    }
  });

  test('is fed by pipe, by a pipeline with a stream and with a generator; by nobody else', async () => {
    const piped = idle();
    new Readable({ read() {} }).pipe(piped);
    const sources = [
      new Readable({ read() {} }),
      async function* () {
        yield await new Promise(() => {});
      },
    ];
    const ends = sources.map((source) => {
      const stream = idle();
      pipeline(source as node.Readable, stream, () => {});
      return stream;
    });
    await turns(2);
    expect([piped, ...ends].map(isFed)).toEqual([true, true, true]);
    const alone = idle().on('drain', () => {});
    const read = idle();
    read.pipe(new PassThrough({ objectMode: true }));
    expect([idle(), alone, read].map(isFed)).toEqual([false, false, false]);
  });

  test('without a reader everything is read and dropped, message streams to their end', async () => {
    const stream = idle();
    const message = new MessageStream('text', { onWanted: () => {}, onAbandoned: () => {} });
    readOnWithoutReader(stream);
    stream.push('x');
    stream.push(message);
    stream.push(null);
    message.push('x');
    message.push(null);
    await Promise.all([once(stream, 'end'), once(message, 'end')]);
  });

  test('a reader that has paused, or waits for readable, is left alone', async () => {
    const paused = idle()
      .on('data', () => {})
      .pause();
    const waiting = idle().on('readable', () => {});
    for (const stream of [paused, waiting]) {
      readOnWithoutReader(stream as node.Duplex);
      stream.push('x');
      await turns(2);
      expect(stream.readableLength).toBe(1);
    }
  });
});
