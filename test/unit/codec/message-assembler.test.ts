import { constants } from 'node:buffer';
import fc from 'fast-check';
import { FrameParser } from '../../../src/codec/frame-parser.js';
import { maskOracle } from '../../../src/codec/mask-oracle.js';
import { DEFAULT_MAX_MESSAGE_BYTES, type Message, MessageAssembler } from '../../../src/codec/message-assembler.js';
import { PASSING_MEMORY } from '../../../src/codec/passing-memory.js';
import type { LeftMasked } from '../../../src/codec/payload-memory.js';
import { LimitError, ProtocolError } from '../../../src/errors.js';
import { type ArbitraryMessage, almostUtf8, chunkings, cutBy, wires } from '../../support/arbitraries.js';
import { GIVINGS, give, isLent, modeOf, thrownBy } from '../../support/parsing.js';
import { byteByByte, cutAt, hex, inChunksOf, owned } from '../../support/wire.js';

const AT = { offset: 70, frame: 3 };
const KEY = 0x3d21fa37;

/** One message of the given pieces, as fragments; what the last one gives. */
function assemble(
  opcode: 1 | 2,
  pieces: readonly Buffer[],
  assembler = new MessageAssembler(Infinity),
): Message | null {
  let message: Message | null = null;
  for (const [at, piece] of pieces.entries()) {
    assembler.begin(at === 0 ? opcode : 0, piece.length, AT);
    message = assembler.add(piece, 0, piece.length, at === pieces.length - 1, AT);
  }
  return message;
}

const contentOf = (message: ArbitraryMessage): Message => (message.type === 'text' ? message.text : message.payload);

const leaving = fc.constantFrom<LeftMasked>('none', 'binary');

test.each(GIVINGS)('with the parser in front, the messages are what was sent, however it was cut: %s', (mode) => {
  const law = fc.property(wires('client', { maxBytes: 17_000 }), chunkings(), leaving, (wire, chunking, left) => {
    const parser = new FrameParser({ role: 'server', maxFrameBytes: Infinity, rsv1: false }, modeOf(mode), left);
    const assembler = new MessageAssembler(Infinity);
    const messages: Message[] = [];
    for (const chunk of owned(cutBy(chunking, wire))) {
      give(mode, parser, chunk);
      for (let part = parser.next(); part !== null; part = parser.next()) {
        const { opcode, length, fin } = part.header;
        if (opcode >= 8) continue;
        if (part.first) assembler.begin(opcode, length, parser);
        const { bytes, start, end, last, views, key } = part;
        const message = assembler.add(bytes, start, end, fin && last, parser, views, key);
        if (message !== null) messages.push(message);
      }
      if (isLent(mode)) chunk.fill(0xee);
    }
    expect(messages).toEqual(wire.messages.map(contentOf));
    expect([assembler.open, assembler.heldBytes]).toEqual([false, 0]);
  });
  fc.assert(law, { numRuns: 100 });
});

describe('the limit', () => {
  test.each([
    ['a string', 1, constants.MAX_STRING_LENGTH],
    ['a Buffer', 2, constants.MAX_LENGTH],
  ] as const)('without one it is what %s can hold', (_, opcode, most) => {
    const assembler = new MessageAssembler(Infinity);
    assembler.begin(opcode, most, AT);
    const error = thrownBy(() => new MessageAssembler(Infinity).begin(opcode, most + 1, AT));
    expect(error).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG', facts: { maxMessageBytes: most } });
  });

  test('counts all fragments together, and fails before a byte over it is kept', () => {
    const assembler = new MessageAssembler(10);
    assembler.begin(2, 6, AT);
    assembler.add(Buffer.alloc(6), 0, 6, false, AT);
    const error = thrownBy(() => assembler.begin(0, 5, AT));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({
      code: 'ERR_WS_MESSAGE_TOO_BIG',
      closeCode: 1009,
      facts: { atLeast: 11, maxMessageBytes: 10, ...AT },
    });
    expect(assembler.heldBytes).toBe(6);
  });

  test('lets a message of exactly that size pass, whole or in fragments, and the next one too', () => {
    const assembler = new MessageAssembler(10);
    for (const size of [10, 1, 5, 3]) {
      expect(assemble(2, inChunksOf(size, Buffer.alloc(10, 7)), assembler)).toEqual(Buffer.alloc(10, 7));
    }
  });

  test.each([2 ** 31, 2 ** 32, 2 ** 53 - 1])('a frame of %d bytes is refused by its length alone', (length) => {
    const assembler = new MessageAssembler(2 ** 30);
    assembler.begin(2, 1, AT);
    assembler.add(hex`00`, 0, 1, false, AT);
    expect(() => assembler.begin(0, length, AT)).toThrow(LimitError);
  });
});

describe('text', () => {
  test('fails at the first byte that no text can have, the same at every cut', () => {
    const law = fc.property(almostUtf8(6), fc.nat(), (bytes, place) => {
      const verdict = (pieces: readonly Buffer[]) => {
        try {
          return assemble(1, pieces);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
          return (error as ProtocolError).facts;
        }
      };
      const whole = verdict([bytes]);
      expect(verdict(cutAt(bytes, [place % (bytes.length + 1)]))).toEqual(whole);
      if (bytes.length > 0) expect(verdict(byteByByte(bytes))).toEqual(whole);
    });
    fc.assert(law, { numRuns: 200, examples: [[hex`41ff42`, 1]] });
  });

  test('names the byte of the message, and the frame', () => {
    const error = thrownBy(() => assemble(1, [hex`41e282`, hex``, hex`ac41ff`]));
    expect(error).toMatchObject({ code: 'ERR_WS_INVALID_UTF8', closeCode: 1007, facts: { byte: 5, ...AT } });
  });

  test.each([true, false])('counts from where the run begins, not its memory; final: %s', (final) => {
    const assembler = new MessageAssembler(Infinity);
    assembler.begin(1, 3, AT);
    const error = thrownBy(() => assembler.add(hex`ffffff 41ff42`, 3, 6, final, AT));
    expect(error).toMatchObject({ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 1 } });
  });

  test('may not end within a character', () => {
    const error = thrownBy(() => assemble(1, [hex`41e2`, hex`82`]));
    expect(error).toMatchObject({ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 3 } });
  });

  test('keeps U+FFFD and a byte order mark', () => {
    expect(assemble(1, [hex`efbbbf`, hex`efbfbd`])).toBe('\ufeff\ufffd');
    expect(assemble(1, [hex`efbbbf efbfbd`])).toBe('\ufeff\ufffd');
  });
});

test('a text that is kept as bytes is judged as every other, and lies in memory of its own', () => {
  const keeping = () => Object.assign(new MessageAssembler(Infinity), { keepsBytes: true });
  for (const pieces of [[hex`c3bc41`], [hex`c3`, hex`bc41`]]) {
    const kept = assemble(1, pieces, keeping());
    for (const piece of pieces) piece.fill(0);
    expect(kept).toEqual(hex`c3bc41`);
  }
  for (const pieces of [[hex`4141ff41`], [hex`4141`, hex`ff`]]) {
    const error = thrownBy(() => assemble(1, pieces, keeping()));
    expect(error).toMatchObject({ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 2 } });
  }
  const amid = (value: Buffer) => {
    const assembler = keeping();
    assembler.begin(1, value.length, AT);
    return assembler.add(hex`eeee ${value} ee`, 2, 2 + value.length, true, AT);
  };
  expect(amid(hex`c3bc41`)).toEqual(hex`c3bc41`);
  expect(thrownBy(() => amid(hex`4141ff41`))).toMatchObject({ facts: { byte: 2 } });
  expect(thrownBy(() => amid(hex`414141c3`))).toMatchObject({ facts: { byte: 4 } });
});

test('binary is any bytes', () => {
  expect(assemble(2, [hex`ff`, hex`fe`])).toEqual(hex`fffe`);
});

test('empty messages are messages, in one fragment or many', () => {
  expect([assemble(1, [hex``]), assemble(2, [hex``]), assemble(1, [hex``, hex``, hex``])]).toEqual(['', hex``, '']);
});

test('a binary message holds at most 8 KiB or four times its size', () => {
  const chunk = Buffer.alloc(65_536, 1);
  for (const size of [1, 20, 5_000, 20_000, 33_000]) {
    const assembler = new MessageAssembler(Infinity);
    assembler.begin(2, size, AT);
    const message = assembler.add(chunk, 100, 100 + size, true, AT) as Buffer;
    expect(message.length).toBe(size);
    expect(message.buffer.byteLength).toBeLessThanOrEqual(Math.max(8_192, size * 4));
  }
});

test('open from the first frame to the last byte; clear lets go, of half a character too', () => {
  const assembler = new MessageAssembler(Infinity);
  assembler.begin(1, 9, AT);
  expect(assembler.open).toBe(true);
  assembler.add(hex`e282`, 0, 2, false, AT);
  assembler.clear();
  expect([assembler.open, assembler.heldBytes]).toEqual([false, 0]);
  expect(assemble(1, [hex`41`, hex`42`], assembler)).toBe('AB');
});

test('the byte of an error counts from the beginning of the message, wherever that lies in memory', () => {
  for (const [start, byte] of [
    [0, 4],
    [3, 1],
  ] as const) {
    const assembler = new MessageAssembler(DEFAULT_MAX_MESSAGE_BYTES);
    assembler.begin(1, 9, { offset: 0, frame: 0 });
    expect(() => assembler.add(Buffer.from('aaaa\xffaa', 'latin1'), start, 7, true, { offset: 0, frame: 0 })).toThrow(
      expect.objectContaining({ facts: { byte, offset: 0, frame: 0 } }),
    );
  }
});

test('a binary message that comes in one piece is not copied where its bytes may be kept', () => {
  const assembler = new MessageAssembler(Infinity);
  const bytes = Buffer.allocUnsafeSlow(4_000);
  assembler.begin(2, 3_000, AT);
  const message = assembler.add(bytes, 500, 3_500, true, AT) as Buffer;
  expect(message.equals(bytes.subarray(500, 3_500))).toBe(true);
  expect(message.buffer === bytes.buffer).toBe(true);
});

test('a whole binary message that is masked still comes unmasked, in memory of its own', () => {
  const payload = Buffer.from(Array.from({ length: 9_000 }, (_, at) => at * 31));
  for (const size of [1, 3, 100, 4_096, 9_000]) {
    const bytes = hex`eeeeee ${payload.subarray(0, size)} ee`;
    maskOracle(bytes.subarray(3, 3 + size), KEY);
    const before = Buffer.from(bytes);
    const assembler = new MessageAssembler(Infinity);
    assembler.begin(2, size, AT);
    const message = assembler.add(bytes, 3, 3 + size, true, AT, null, KEY) as Buffer;
    expect(bytes.equals(before)).toBe(true);
    bytes.fill(0);
    expect(message.equals(payload.subarray(0, size))).toBe(true);
    expect([assembler.open, assembler.heldBytes]).toEqual([false, 0]);
  }
});

test.each([true, false])(
  'the memory of a binary message in pieces may be given back when it is passed on: %s',
  (isPassedOn) => {
    const assembler = new MessageAssembler(Infinity);
    assembler.isPassedOn = isPassedOn;
    const [one, other] = [1, 2].map((byte) => {
      assembler.begin(2, 400_000, AT);
      assembler.add(Buffer.alloc(240_000, byte), 0, 240_000, false, AT);
      const message = assembler.add(Buffer.alloc(160_000, byte), 0, 160_000, true, AT) as Buffer;
      expect(message.equals(Buffer.alloc(400_000, byte))).toBe(true);
      PASSING_MEMORY.giveBack(message);
      return message.buffer;
    });
    expect(one === other).toBe(isPassedOn);
  },
);

test('nothing is passed on, unless somebody says so', () => {
  expect(new MessageAssembler(1)).toMatchObject({ isPassedOn: false, keepsBytes: false });
});

test('the limit where nobody says otherwise is 16 MiB', () => {
  expect(DEFAULT_MAX_MESSAGE_BYTES).toBe(16_777_216);
});
