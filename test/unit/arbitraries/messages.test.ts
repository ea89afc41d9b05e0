import fc from 'fast-check';
import {
  closeCodes,
  closeFrames,
  controlFrames,
  describeFrames,
  fragmentations,
  frameSequences,
  frames,
  messages,
} from '../../../src/arbitraries/messages.js';
import { decodeClose, isWireCloseCode } from '../../../src/codec/close-code.js';
import type { Frame } from '../../../src/codec/frame.js';
import { ping, text } from '../../support/frames.js';

const isData = ({ opcode }: Frame) => opcode < 8;

test('control frames are whole, short and carry no bits', () => {
  const law = fc.property(controlFrames(), ({ opcode, fin, rsv1, rsv2, rsv3, payload }) => {
    expect([9, 10]).toContain(opcode);
    expect([fin, rsv1, rsv2, rsv3, payload.length <= 125]).toEqual([true, false, false, false, true]);
  });
  fc.assert(law);
});

test('close frames say what may be said', () => {
  fc.assert(fc.property(closeCodes(), isWireCloseCode));
  const law = fc.property(closeFrames(), ({ payload }) => {
    expect(payload.length).toBeLessThanOrEqual(125);
    expect(() => decodeClose(payload)).not.toThrow();
  });
  fc.assert(law);
});

test('a text message is the UTF-8 of its text', () => {
  const law = fc.property(messages(), (message) => {
    if (message.type === 'text') expect(message.payload.toString()).toBe(message.text);
  });
  fc.assert(law);
});

test('single frames are whole messages or control frames', () => {
  fc.assert(fc.property(frames(), ({ opcode, fin }) => fin && opcode !== 0));
});

test('fragments joined are the message; the first names it, the last ends it', () => {
  const law = fc.property(fragmentations(), ({ message, frames: run }) => {
    const data = run.filter(isData);
    expect(Buffer.concat(data.map(({ payload }) => payload)).equals(message.payload)).toBe(true);
    expect(data.map(({ opcode }) => opcode)).toEqual(
      data.map((_, at) => (at > 0 ? 0 : message.type === 'text' ? 1 : 2)),
    );
    expect(data.map(({ fin }) => fin)).toEqual(data.map((_, at) => at === data.length - 1));
  });
  fc.assert(law);
});

test('control frames do stand between fragments', () => {
  const runs = fc.sample(fragmentations(), 200).map(({ frames: run }) => run);
  expect(runs.some((run) => run.some((frame, at) => !isData(frame) && at > 0 && at < run.length - 1))).toBe(true);
});

test('a sequence has as many ended messages as it says', () => {
  const law = fc.property(frameSequences({ maxMessages: 3 }), ({ frames: run, messages: found }) => {
    expect(run.filter((frame) => isData(frame) && frame.fin)).toHaveLength(found.length);
    expect(found.length).toBeLessThanOrEqual(3);
  });
  fc.assert(law);
});

test('runs read as their frames', () => {
  expect(describeFrames([text('a', false), ping()])).toBe('text "a" …, ping ""');
  expect(describeFrames([])).toBe('no frames');
  const { counterexample } = fc.check(
    fc.property(frameSequences(), () => false),
    { seed: 7 },
  );
  expect(String(counterexample?.[0])).toMatch(/^(text|binary|ping|pong) ""$/);
});
