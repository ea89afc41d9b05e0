import { frame, Opcode } from '../../../src/codec/frame.js';
import { cut, Fragmenter } from '../../../src/demo/fragmenter.js';
import { collect } from '../../support/streams.js';

const text = (payload: string) => frame(Opcode.text, Buffer.from(payload));

test('a cut frame is legal fragments with a ping after the first, and the same bytes', () => {
  const frames = cut(text('Hello, pipe'), 3);
  expect(frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([
    [Opcode.text, false],
    [Opcode.ping, true],
    [Opcode.continuation, false],
    [Opcode.continuation, true],
  ]);
  const data = frames.filter(({ opcode }) => opcode !== Opcode.ping).map(({ payload }) => payload);
  expect(Buffer.concat(data).toString()).toBe('Hello, pipe');
});

test('a payload shorter than the number of pieces gives empty fragments, never fewer', () => {
  const frames = cut(text('a'), 4);
  expect(frames).toHaveLength(5);
  expect(frames.at(-1)).toMatchObject({ fin: true, opcode: Opcode.continuation });
});

test('only the next whole data frame is cut, once', async () => {
  const used = jest.fn();
  const fragmenter = new Fragmenter(used);
  const pong = frame(Opcode.pong, Buffer.alloc(0));
  fragmenter.cutNext(2);
  fragmenter.write(pong);
  fragmenter.write(text('first'));
  fragmenter.end(text('second'));
  const frames = await collect(fragmenter);
  expect(frames[0]).toBe(pong);
  expect(frames).toHaveLength(5);
  expect(frames[4]).toMatchObject({ fin: true, opcode: Opcode.text });
  expect(used).toHaveBeenCalledTimes(1);
});

test('a plan can be taken back', async () => {
  const fragmenter = new Fragmenter(() => {});
  fragmenter.cutNext(5);
  fragmenter.cutNext(0);
  fragmenter.end(text('whole'));
  expect(await collect(fragmenter)).toEqual([text('whole')]);
});
