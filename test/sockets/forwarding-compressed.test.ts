/** What is piped from one WebSocket into another where compression was agreed on: long texts stay bytes on their way. */
import { once } from 'node:events';
import type { Frame } from '../../src/codec/frame.js';
import { AGREED, compressed, compression, readMessages } from '../support/deflate.js';
import { ALPHABETS, echoOf, masked, PIPED, someFrames, WATCHED } from '../support/echoes.js';
import { binary, close, continuation, text } from '../support/frames.js';
import { facing } from '../support/web-sockets.js';
import { repeatable } from '../support/wire.js';

/** `frames` with some of their messages compressed, in as many frames. */
function someCompressed(frames: readonly Frame[], seed: number): Frame[] {
  const random = repeatable(seed);
  const isData = ({ opcode }: Frame) => opcode < 8;
  return frames.flatMap((frame, at) => {
    if (!isData(frame) || frame.opcode === 0) return isData(frame) ? [] : [frame];
    const end = frames.findIndex(({ opcode, fin }, index) => index >= at && opcode < 8 && fin) + 1;
    const parts = frames.slice(at, end).filter(isData);
    if (random(3) === 0) return parts;
    const whole = compressed(Buffer.concat(parts.map(({ payload }) => payload)));
    const cut = parts.length === 1 ? whole.length : random(whole.length);
    const first = { ...frame, rsv1: true, payload: whole.subarray(0, cut) };
    return parts.length === 1 ? [first] : [first, continuation(whole.subarray(cut))];
  });
}

const deflating = () => ({ compression: compression(), agreement: { extensions: AGREED } });

test.each([1, 2, 3, 4])('an echo by pipe is that of a listener, and its counts are (%d)', async (seed) => {
  const wire = masked([...someCompressed(someFrames(seed, 20), seed), close(1000)]);
  const [piped, watched] = await Promise.all(
    [PIPED, WATCHED].map(async (echo) => echoOf(wire, echo, await facing(deflating()), seed)),
  );
  expect(piped?.errors).toEqual([]);
  const [messages, others] = [piped, watched].map((one) => readMessages(one?.frames ?? []));
  expect(messages?.length).toBe(others?.length);
  for (const [at, message] of messages?.entries() ?? []) {
    expect([message.type, message.payload.equals(others?.[at]?.payload ?? Buffer.of(1))]).toEqual([
      others?.[at]?.type,
      true,
    ]);
  }
  expect(piped?.counts.messagesSent).toBe(watched?.counts.messagesSent);
  expect(piped?.counts.messagesReceived).toBe(watched?.counts.messagesReceived);
});

test.each([
  ['as its source does', deflating],
  ['or does not', () => ({})],
])('long texts reach a WebSocket that compresses, %s', async (_, optionsOf) => {
  const [source, target] = [await facing(optionsOf()), await facing(deflating())];
  source.ws.pipe(target.ws);
  const texts = ALPHABETS.map((word) => word.repeat(20_000));
  const frames = texts.map((one) => text(one));
  source.peer.socket.write(masked('compression' in optionsOf() ? someCompressed(frames, 2) : frames));
  while (readMessages(target.peer.frames).length < texts.length) await once(target.peer.socket, 'heard');
  const messages = readMessages(target.peer.frames);
  expect(messages.map(({ payload }) => payload.toString() === texts.shift())).toEqual([true, true, true]);
  expect(messages.every(({ compressed }) => compressed)).toBe(true);
  expect([source.ws.readableDidRead, source.ws.stats.messagesReceived]).toEqual([false, 3]);
});

test('a long text that is none fails where it does for a listener', async () => {
  const bad = Buffer.from('ü'.repeat(100_000)).fill(0xff, 150_001, 150_002);
  const wire = masked([text('fine'), { ...binary(compressed(bad)), opcode: 1, rsv1: true }]);
  const [piped, watched] = await Promise.all(
    [PIPED, WATCHED].map(async (echo) => echoOf(wire, echo, await facing(deflating()), 1)),
  );
  expect(piped?.errors).toMatchObject([{ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 150_001 } }]);
  expect(watched?.errors).toEqual(piped?.errors);
});
