import { Opcode } from '../../../../src/codec/frame.js';
import { FrameParser } from '../../../../src/codec/frame-parser.js';
import type { FramePart } from '../../../../src/codec/frame-part.js';
import { MessageAssembler } from '../../../../src/codec/message-assembler.js';
import { PartInflater } from '../../../../src/deflate/stream/part-inflater.js';
import { bomb, compressed, inflaterFor } from '../../../support/deflate.js';
import { binary, continuation, frameOf, ping, text, wireOf } from '../../../support/frames.js';
import { cutAt, everyExactCut } from '../../../support/wire.js';

const rsv1 = (opcode: number, payload: Buffer, fin = true) => frameOf(opcode, payload, { rsv1: true, fin });
const parser = () => new FrameParser({ role: 'client', maxFrameBytes: Infinity, rsv1: true });

/** The messages of a wire, by parser, inflater and assembler as a connection puts them together. */
function messagesOf(chunks: readonly Buffer[], maxMessageBytes = 1_000_000): (string | Buffer)[] {
  const frames = parser();
  const parts = new PartInflater(inflaterFor(), maxMessageBytes);
  const assembler = new MessageAssembler(maxMessageBytes);
  const messages: (string | Buffer)[] = [];
  const take = ({ header, bytes, start, end, first, last, views }: FramePart) => {
    if (first) assembler.begin(header.opcode, header.length, frames);
    const message = assembler.add(bytes, start, end, last && header.fin, frames, views);
    if (message !== null) messages.push(message);
  };
  for (const chunk of chunks) {
    frames.push(chunk);
    for (let part = frames.next(); part !== null; part = frames.next()) {
      if (part.header.opcode === Opcode.ping) continue;
      parts.push(part);
      for (let plain = parts.next(frames); plain !== null; plain = parts.next(frames)) take(plain);
    }
  }
  return messages;
}

test('compressed and plain messages, whole and in fragments, with a ping between, at every cut', () => {
  const bytes = compressed('compressed, compressed');
  const [head = bytes, ...rest] = cutAt(bytes, [4, 4, 9]);
  const frames = [
    text('plain'),
    rsv1(1, bytes),
    rsv1(1, head, false),
    ping('!'),
    ...rest.map((piece, at) => continuation(piece, at === rest.length - 1)),
    text('pl', false),
    continuation('ain'),
    rsv1(2, compressed('')),
    binary(''),
    rsv1(1, bytes, false),
    continuation(''),
  ];
  const wire = Buffer.concat(frames.map((frame) => wireOf(frame)));
  const nothing = Buffer.alloc(0);
  const same = 'compressed, compressed';
  for (const cut of everyExactCut(wire)) {
    expect(messagesOf(cut)).toEqual(['plain', same, same, 'plain', nothing, nothing, same]);
  }
});

test('an inflated part is a frame of its own: opcode once, FIN at the end, RSV1 clear', () => {
  const frames = parser();
  const parts = new PartInflater(inflaterFor(), Infinity);
  frames.push(wireOf(rsv1(2, compressed(Buffer.alloc(150_000)))));
  parts.push(frames.next() as FramePart);
  const seen = [];
  for (let part = parts.next(frames); part !== null; part = parts.next(frames)) {
    const { header, first, last, start, end } = part;
    seen.push([header.opcode, header.fin, header.rsv1, header.length, end - start, first && last]);
  }
  expect(seen).toEqual([
    [2, false, false, 65_536, 65_536, true],
    [0, false, false, 65_536, 65_536, true],
    [0, true, false, 18_928, 18_928, true],
  ]);
});

describe('the limit counts inflated bytes', () => {
  const message = (size: number) => [wireOf(rsv1(2, compressed(Buffer.alloc(size))))];

  test.each([0, 1, 65_536, 100_000])('%i bytes pass at a limit of as many, one more does not', (size) => {
    expect(messagesOf(message(size), size)).toEqual([Buffer.alloc(size)]);
    expect(() => messagesOf(message(size + 1), size)).toThrow(
      expect.objectContaining({ code: 'ERR_WS_MESSAGE_TOO_BIG', closeCode: 1009 }),
    );
  });

  test('what is wrong with the bytes up to the limit comes before the limit, however the message is cut', () => {
    const wire = wireOf(rsv1(1, compressed(Buffer.concat([Buffer.from([0xff]), Buffer.alloc(2_000, 'a')]))));
    for (const cut of everyExactCut(wire)) expect(() => messagesOf(cut, 1_000)).toThrow('UTF-8 (byte 0,');
  });

  test('a bomb gives the limit and no more', () => {
    const frames = parser();
    const parts = new PartInflater(inflaterFor(), 100_000);
    frames.push(wireOf(rsv1(2, bomb(2 ** 28))));
    parts.push(frames.next() as FramePart);
    expect([parts.next(frames)?.end, parts.next(frames)?.end]).toEqual([65_536, 34_464]);
    expect(() => parts.next(frames)).toThrow('atLeast 100001');
    expect(parts.next(frames)).toBeNull();
  });
});
