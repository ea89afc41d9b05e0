import fc from 'fast-check';
import { type BrokenWire, brokenWires, wireViolations } from '../../../src/arbitraries/broken-wires.js';
import { chunkings, cutBy } from '../../../src/arbitraries/chunkings.js';
import { decodeClose } from '../../../src/codec/close-code.js';
import { Opcode, type Role } from '../../../src/codec/frame.js';
import { FrameAssembler } from '../../../src/codec/frame-assembler.js';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import { MessageAssembler } from '../../../src/codec/message-assembler.js';
import { VIOLATIONS, WebSocketError } from '../../../src/errors.js';
import { byteByByte } from '../../support/wire.js';

const LIMITS = { maxFrameBytes: 400, maxMessageBytes: 900 } as const;
const ROLES = ['client', 'server'] as const;
const rows = ROLES.flatMap((to) => wireViolations(to, LIMITS).map((name) => [name, to] as const));

interface Answer {
  readonly code: string | null;
  readonly closeCode: number | null;
  /** Bytes that had been pushed. */
  readonly pushed: number;
  readonly messages: readonly (string | Buffer)[];
}

/** All of the codec, as a receiver uses it. */
function receive(to: Role, chunks: readonly Buffer[]): Answer {
  const parser = new FrameParser({ role: to, maxFrameBytes: LIMITS.maxFrameBytes, rsv1: false });
  const controls = new FrameAssembler(false);
  const assembler = new MessageAssembler(LIMITS.maxMessageBytes);
  const messages: (string | Buffer)[] = [];
  let pushed = 0;
  try {
    for (const chunk of chunks) {
      pushed += chunk.length;
      parser.push(chunk);
      for (let part = parser.next(); part !== null; part = parser.next()) {
        const { opcode, length, fin } = part.header;
        if (opcode >= 8) {
          const frame = controls.add(part);
          if (frame?.opcode === Opcode.close) decodeClose(frame.payload);
          continue;
        }
        if (part.first) assembler.begin(opcode, length, parser);
        const message = assembler.add(part.bytes, part.start, part.end, part.last && fin, parser);
        if (message !== null) messages.push(message);
      }
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    return { code: error.code, closeCode: error.closeCode, pushed, messages };
  }
  return { code: null, closeCode: null, pushed, messages };
}

const delivered = ({ messages }: BrokenWire) => messages.map((one) => (one.type === 'text' ? one.text : one.payload));

describe.each(rows)('%s to a %s', (name, to) => {
  const arbitrary = brokenWires(to, { ...LIMITS, violations: [name], maxBytes: 130 });

  test('is what the codec calls it, however the wire is cut, after the messages before it', () => {
    const law = fc.property(arbitrary, chunkings(), (wire, chunking) => {
      const answer = receive(to, cutBy(chunking, wire));
      expect(answer).toMatchObject({ code: `ERR_WS_${name}`, closeCode: VIOLATIONS[name].close });
      expect(wire).toMatchObject({ violation: name, closeCode: VIOLATIONS[name].close });
      expect(answer.messages).toEqual(delivered(wire));
    });
    fc.assert(law, { numRuns: 60 });
  });

  test('is found at the byte that proves it', () => {
    const law = fc.property(arbitrary, (wire) => {
      expect(receive(to, byteByByte(wire.bytes)).pushed).toBe(wire.proof + 1);
    });
    fc.assert(law, { numRuns: 60 });
  });

  test('shrinks to the breach alone, and says what it is', () => {
    const { counterexample } = fc.check(
      fc.property(arbitrary, () => false),
      { seed: 11 },
    );
    expect(String(counterexample?.[0])).toMatch(new RegExp(`^${name}: (no frames|binary "" …), then .* = [0-9a-f]+`));
  });
});

test('what cannot be had of a receiver is left out', () => {
  expect(wireViolations('server')).not.toEqual(expect.arrayContaining(['MASK_UNEXPECTED']));
  expect(wireViolations('client')).not.toEqual(expect.arrayContaining(['MASK_MISSING']));
  const limited = ['FRAME_TOO_BIG', 'MESSAGE_TOO_BIG', 'INVALID_DEFLATE'];
  expect(wireViolations('client').filter((name) => limited.includes(name))).toEqual([]);
  expect(wireViolations('client', { deflate: true, ...LIMITS })).toEqual(expect.arrayContaining(limited));
  expect(() => brokenWires('client', { violations: ['MASK_MISSING'] })).toThrow('None of these violations');
});

test('every protocol and limit row of VIOLATIONS has a mutation', () => {
  const rowsOfTable = Object.entries(VIOLATIONS).filter(([, { fault }]) => fault === 'protocol' || fault === 'limit');
  const made = new Set(ROLES.flatMap((to) => wireViolations(to, { ...LIMITS, deflate: true })));
  expect([...made].sort()).toEqual(rowsOfTable.map(([name]) => name).sort());
});
