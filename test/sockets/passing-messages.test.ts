/** Messages that pass through: how they are sent, and when their memory serves again. */
import { PassThrough } from 'node:stream';
import { Opcode } from '../../src/codec/frame.js';
import { emptyPart, type FramePart } from '../../src/codec/frame-part.js';
import { emptyHeader } from '../../src/codec/header.js';
import { VECTORS } from '../../src/codec/mask-vector.js';
import { type Message, MessageAssembler } from '../../src/codec/message-assembler.js';
import { PASSING_MEMORY } from '../../src/codec/passing-memory.js';
import { Sender } from '../../src/duplex/sender.js';
import { binary, labelOf, readWire, wireOf } from '../support/frames.js';
import { socketPair } from '../support/socket-pair.js';
import { readAll, turns } from '../support/streams.js';
import { hex } from '../support/wire.js';

const OWNER = { drained: () => {}, socket: null };

function sender(role: 'client' | 'server' = 'server') {
  const transport = new PassThrough();
  const frames = () => readWire(readAll(transport)).map(({ frame }) => labelOf(frame));
  return { sender: new Sender(OWNER, transport, role), frames };
}

const masked = (payload: string): FramePart => {
  const wire = wireOf(binary(payload), { key: Buffer.from('37fa213d', 'hex') });
  const header = { ...emptyHeader(), opcode: Opcode.binary };
  return { ...emptyPart(header), bytes: wire, start: 6, end: wire.length, key: wire.readInt32LE(2) };
};

test.each(['client', 'server'] as const)('a %s copies them, and unmasks them on the way', async (role) => {
  const { sender: one, frames } = sender(role);
  const part = masked('abc');
  one.copy(part);
  part.bytes.fill(0);
  one.copy({ ...masked('def'), key: 0, bytes: Buffer.from('......def'), header: { ...emptyHeader(), opcode: 1 } });
  await turns(1);
  expect(frames()).toEqual(['2 616263', '1 646566']);
  expect(one.framesSent).toBe(2);
});

test('runs are sent as they were made, and counted', async () => {
  const { sender: one, frames } = sender();
  const wire = wireOf(binary('x'), { key: Buffer.alloc(4, 1) });
  expect(VECTORS.isAvailable).toBe(true);
  expect(VECTORS.reframe(Buffer.concat([wire, wire]), 0, 14, 0x82, 100, false)).toBe(14);
  one.reframed(2);
  await turns(1);
  expect(frames()).toEqual(['2 78', '2 78']);
  expect(one.framesSent).toBe(2);
});

test('large ones give their memory back when the system has all of it', async () => {
  const { near, far } = await socketPair();
  const one = new Sender(OWNER, near, 'server');
  // More than the system takes at once.
  const messages = Array.from({ length: 4 }, () => PASSING_MEMORY.take(4_000_000));
  for (const message of messages) one.passing(Opcode.text, message);
  expect(one.bufferedBytes).toBeGreaterThan(0);
  expect(PASSING_MEMORY.has(4_000_000) && messages.includes(PASSING_MEMORY.take(4_000_000))).toBe(false);
  far.resume();
  while (one.bufferedBytes > 0) await turns(1);
  await turns(1);
  const { buffer } = PASSING_MEMORY.take(4_000_000);
  expect(messages.some((message) => message.buffer === buffer)).toBe(true);
  near.destroy();
  far.destroy();
});

test('they keep it where nobody knows who reads what was written', async () => {
  const { sender: one, frames } = sender();
  one.passing(Opcode.binary, PASSING_MEMORY.take(100_000));
  await turns(1);
  expect(frames()).toHaveLength(1);
  one.passing(Opcode.binary, PASSING_MEMORY.take(100));
  await turns(1);
  expect(PASSING_MEMORY.has(100_000)).toBe(false);
});

describe('a text that is kept as bytes', () => {
  /** What comes of a text in these pieces. */
  function assembled(pieces: readonly Buffer[]): Message | null {
    const assembler = Object.assign(new MessageAssembler(Infinity), { keepsBytes: true });
    const at = { offset: 0, frame: 0 };
    return pieces.reduce<Message | null>((_, piece, index) => {
      assembler.begin(index === 0 ? Opcode.text : Opcode.continuation, piece.length, at);
      return assembler.add(piece, 0, piece.length, index === pieces.length - 1, at);
    }, null);
  }

  test.each([
    ['in one piece', [hex`c3bc41`]],
    ['in pieces, cut within a character', [hex`c3`, hex`bc41`]],
    ['in long pieces', [Buffer.alloc(40_000, 'x'), Buffer.alloc(40_000, 'ü'), hex`41`]],
    ['of nothing', [hex``]],
  ])('%s is what came, in memory of its own', (_, pieces) => {
    const given = pieces.map((piece) => Buffer.from(piece));
    const kept = assembled(given);
    for (const piece of given) piece.fill(0);
    expect(Buffer.isBuffer(kept) && kept.equals(Buffer.concat(pieces))).toBe(true);
  });

  test.each([
    ['in one piece', [100_000]],
    ['in pieces', [50_000, 50_000]],
  ])('%s lies in memory that serves again', (_, sizes) => {
    const block = PASSING_MEMORY.take(100_000);
    PASSING_MEMORY.giveBack(block);
    const pieces = sizes.map((size) => Buffer.alloc(size, 'x'));
    expect((assembled(pieces) as Buffer).buffer).toBe(block.buffer);
  });
});
