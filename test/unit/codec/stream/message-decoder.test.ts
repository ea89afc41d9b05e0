import fc from 'fast-check';
import type { Frame } from '../../../../src/codec/frame.js';
import { FrameDecoder } from '../../../../src/codec/stream/frame-decoder.js';
import { MessageDecoder } from '../../../../src/codec/stream/message-decoder.js';
import { UsageError } from '../../../../src/errors.js';
import { chunkings, cutBy, wires } from '../../../support/arbitraries.js';
import { binary, continuation, ping, readWire, text } from '../../../support/frames.js';
import { PROVOCATIONS, PROVOKED_LIMITS } from '../../../support/provocations.js';
import { collect, failureOf, feed, LIBRARIES, pipelineEnd, slowWriter } from '../../../support/streams.js';
import { everyExactCut } from '../../../support/wire.js';

async function decoded(frames: readonly Frame[], maxMessageBytes?: number): Promise<unknown[]> {
  const decoder = new MessageDecoder({ maxMessageBytes });
  const [messages] = await Promise.all([collect(decoder), feed(decoder, frames)]);
  return messages;
}

test('text is a string, binary is a Buffer, control frames are dropped', async () => {
  const frames = [text('Hel', false), ping('x'), continuation('lo'), binary('b'), text(''), binary('')];
  expect(await decoded(frames)).toEqual(['Hello', Buffer.from('b'), '', Buffer.alloc(0)]);
});

test('behind a FrameDecoder, messages are what was sent, at every chunking, whole frames or split', async () => {
  const law = fc.asyncProperty(wires('client'), chunkings(), fc.boolean(), async (wire, chunking, splitFrames) => {
    const [frames, messages] = [new FrameDecoder({ role: 'server', splitFrames }), new MessageDecoder()];
    const [received] = await Promise.all([collect(frames.pipe(messages)), feed(frames, cutBy(chunking, wire))]);
    expect(received).toEqual(wire.messages.map((sent) => (sent.type === 'text' ? sent.text : sent.payload)));
  });
  await fc.assert(law, { numRuns: 80 });
});

test.each(LIBRARIES)('slow $library readers get every message', async (library) => {
  const decoder = new MessageDecoder();
  const messages: unknown[] = [];
  const { ended } = pipelineEnd(
    library,
    decoder,
    slowWriter(library, (at) => at % 3 === 0, messages),
  );
  const words = Array.from({ length: 100 }, (_, at) => `${at}`);
  await feed(
    decoder,
    words.flatMap((word) => [text(word, false), ping(), continuation('')]),
  );
  expect(await ended).toBeNull();
  expect(messages).toEqual(words);
});

describe('maxMessageBytes', () => {
  test('counts the sum of the fragments: 1009 at the frame that goes over it, with what it would be', async () => {
    const decoder = new MessageDecoder({ maxMessageBytes: 10 });
    decoder.resume();
    for (const frame of [binary('123456', false), ping(), continuation('1234', false), continuation('5')]) {
      decoder.write(frame, () => {});
    }
    const facts = { atLeast: 11, maxMessageBytes: 10, frame: 2, offset: 10 };
    expect(await failureOf(decoder)).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG', closeCode: 1009, facts });
  });

  test('lets exactly that many pass, again and again', async () => {
    const frames = [binary('12345', false), continuation('67890'), binary('1234567890')];
    expect(await decoded(frames, 10)).toHaveLength(2);
  });

  test('0 allows empty messages only', async () => {
    expect(await decoded([text('')], 0)).toEqual(['']);
    await expect(decoded([text('a')], 0)).rejects.toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG' });
  });
});

describe('violations', () => {
  const found = PROVOCATIONS.filter(({ foundBy }) => foundBy === 'messages');

  test.each(found)(
    '$name fails it with the same facts at every cut of $wire.length bytes',
    async ({ name, role, wire }) => {
      const heard = new Set<string>();
      for (const cut of everyExactCut(wire)) {
        const frames = new FrameDecoder({ role });
        const { ended } = pipelineEnd(
          LIBRARIES[0] as (typeof LIBRARIES)[number],
          frames,
          new MessageDecoder({ maxMessageBytes: PROVOKED_LIMITS.maxMessageBytes }).resume(),
        );
        for (const chunk of cut) frames.write(chunk, () => {});
        const error = await ended;
        heard.add(`${error?.code}: ${error?.message}`);
      }
      expect([...heard]).toEqual([expect.stringContaining(`ERR_WS_${name}: `)]);
    },
  );

  test('text that is not UTF-8 is 1007', async () => {
    await expect(decoded([text(Buffer.from([0x41, 0xff]))])).rejects.toMatchObject({
      closeCode: 1007,
      facts: { byte: 1 },
    });
  });

  test('frames that end within a message are ERR_WS_CUT_OFF', async () => {
    await expect(decoded([text('Hel', false), ping()])).rejects.toMatchObject({
      code: 'ERR_WS_CUT_OFF',
      facts: { frame: 1 },
    });
  });
});

test('every wire of the provocations is made of whole frames, so that only its meaning is wrong', () => {
  for (const { foundBy, wire } of PROVOCATIONS)
    if (foundBy !== 'frames') expect(readWire(wire).length).toBeGreaterThan(0);
});

test.each([
  [{ maxMessageBytes: -1 }, /^maxMessageBytes is/],
  [{ maxMessageBytes: '1' }, /^maxMessageBytes is/],
  [{ maxMessageBytes: Number.NaN }, /^maxMessageBytes is/],
  [null, 'MessageDecoder needs an options object.'],
])('the options %j are a UsageError', (options, sentence) => {
  const construct = () => new MessageDecoder(options as never);
  expect(construct).toThrow(UsageError);
  expect(construct).toThrow(sentence);
});
