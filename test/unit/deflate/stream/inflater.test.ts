import zlib from 'node:zlib';
import fc from 'fast-check';
import { ProtocolError } from '../../../../src/errors.js';
import {
  bomb,
  compressed,
  compressibles,
  compression,
  directions,
  inflated,
  inflaterFor,
  NO_TAKEOVER,
  TAKEOVER,
} from '../../../support/deflate.js';
import { byteByByte, cutAt, everyExactCut, hex } from '../../../support/wire.js';

const HELLO = hex`f2 48 cd c9 c9 07 00`;

describe('the examples of RFC 7692 §7.2.3', () => {
  test('"Hello" in one block, at every cut', () => {
    for (const cut of everyExactCut(HELLO)) expect(inflated(inflaterFor(), cut).toString()).toBe('Hello');
  });

  test('"Hello" again, from the window (§7.2.3.2)', () => {
    const inflater = inflaterFor();
    expect(inflated(inflater, HELLO).toString()).toBe('Hello');
    expect(inflated(inflater, hex`f2 00 11 00 00`).toString()).toBe('Hello');
    expect(() => inflated(inflaterFor(), hex`f2 00 11 00 00`)).toThrow(ProtocolError);
  });

  test('a block without compression, a block with BFINAL set, two blocks, an empty message', () => {
    const inflater = inflaterFor();
    expect(inflated(inflater, hex`00 05 00 fa ff 48 65 6c 6c 6f 00`).toString()).toBe('Hello');
    expect(inflated(inflater, hex`f3 48 cd c9 c9 07 00 00`).toString()).toBe('Hello');
    expect(inflated(inflater, hex`f2 48 05 00 00 00 ff ff ca c9 c9 07 00`).toString()).toBe('Hello');
    expect(inflated(inflater, hex`00`).toString()).toBe('');
    expect(inflated(inflater, HELLO).toString()).toBe('Hello');
  });
});

test.each([false, true])(
  'a final block that only the tail completes ends the window; the context is taken away after it: %p',
  (isTaken) => {
    const inflater = inflaterFor();
    expect(inflated(inflater, HELLO).toString()).toBe('Hello');
    expect(inflated(inflater, hex`01`).toString()).toBe('');
    if (isTaken) inflater.vacate().close();
    expect(() => inflated(inflater, hex`f2 00 11 00 00`)).toThrow('too far back');
  },
);

describe.each([TAKEOVER, NO_TAKEOVER])('BFINAL = 1, %p', (direction) => {
  const final = zlib.deflateRawSync('final');

  test('a message that ends in it does not lose the next one, with the zero byte after it or without', () => {
    for (const cut of [...everyExactCut(final), ...everyExactCut(Buffer.concat([final, hex`00`]))]) {
      const inflater = inflaterFor(direction);
      for (let i = 0; i < 3; i++) expect(inflated(inflater, cut).toString()).toBe('final');
      expect(inflated(inflater, HELLO).toString()).toBe('Hello');
    }
  });

  test('more data follows in the same message', () => {
    const message = Buffer.concat([final, final, HELLO]);
    for (const cut of everyExactCut(message)) {
      for (const budget of [1, 5, 10, 100]) {
        expect(inflated(inflaterFor(direction), cut, budget).toString()).toBe('finalfinalHello');
      }
    }
  });

  test('streams without end in one message are no reason to work without end', () => {
    const nothing = Buffer.alloc(65_536, hex`03 00`);
    expect(() => inflated(inflaterFor(direction), nothing)).toThrow('too many final blocks');
  });
});

describe('what is not a message', () => {
  const plain = 'the quick brown fox jumps over the lazy dog, the quick brown fox jumps over it again';
  /** The name, the message, and its shortest beginning that is none: a stored block's first byte alone is one. */
  const forms: [string, Buffer, number][] = [
    ['fixed code', compressed(plain, { strategy: zlib.constants.Z_FIXED }), 1],
    ['dynamic code', compressed(plain.repeat(20)), 1],
    ['stored', compressed(plain, { level: 0 }), 2],
  ];

  test.each(forms)('one that is cut off is found out at its end, at every byte: %s', (_, message, from) => {
    for (let size = from; size < message.length - 1; size++) {
      expect(() => inflated(inflaterFor(), message.subarray(0, size))).toThrow(ProtocolError);
    }
  });

  test.each([hex`ff`, hex`07`, hex`00 01 00 00 00 41`, Buffer.alloc(99, 0xaa), Buffer.from('not deflate')])(
    'garbage: %p',
    (bytes) => {
      for (const cut of everyExactCut(bytes)) {
        const inflater = inflaterFor();
        expect(() => inflated(inflater, cut)).toThrow(
          expect.objectContaining({ code: 'ERR_WS_INVALID_DEFLATE', closeCode: 1007 }),
        );
        expect(inflater.next(1)).toBe(0);
        inflater.close();
      }
    },
  );

  test('a message without a byte is an empty one, between others', () => {
    const inflater = inflaterFor();
    expect(['', HELLO, '', HELLO].map((one) => inflated(inflater, Buffer.from(one)).toString())).toEqual([
      '',
      'Hello',
      '',
      'Hello',
    ]);
  });

  test('noise never leads to anything but bytes or a ProtocolError', () => {
    const law = fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(200), (noise, at) => {
      const bytes = Buffer.from(noise);
      try {
        inflated(inflaterFor(), cutAt(bytes, [Math.min(at, bytes.length)]));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    });
    fc.assert(law, { numRuns: 500 });
  });
});

describe('never more than asked for', () => {
  test('a bomb gives the bytes that were asked for and no others', () => {
    const inflater = inflaterFor();
    const bytes = bomb(2 ** 30);
    inflater.push(bytes, 0, bytes.length, true);
    expect([1, 2, 1_000, 65_536, 2 ** 30].map((budget) => inflater.next(budget))).toEqual([
      1, 2, 1_000, 65_536, 65_536,
    ]);
    inflater.close();
    expect(inflater.next(1)).toBe(0);
  });

  test('a budget of nothing is a mistake', () => {
    const inflater = inflaterFor();
    inflater.push(HELLO, 0, HELLO.length, true);
    expect(() => inflater.next(0)).toThrow(RangeError);
  });

  test('any messages, agreement, cuts and budget: what went in comes out, slice by slice', () => {
    const messages = fc.array(compressibles(), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.nat(), { maxLength: 5 });
    const law = fc.property(
      messages,
      directions(),
      cuts,
      fc.integer({ min: 1, max: 70_000 }),
      (all, one, at, budget) => {
        const shared = compression({ maxContexts: 1 });
        const inflater = shared.inflater({ inflate: one });
        const rival = shared.inflater({ inflate: one });
        const sender = zlib.createDeflateRaw({ windowBits: Math.max(one.windowBits, 9) });
        sender.close();
        for (const plain of all) {
          const bytes = compressed(plain, { windowBits: Math.max(one.windowBits, 9) });
          const places = at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
          expect(inflated(inflater, cutAt(bytes, places), Math.min(budget, 65_536)).equals(plain)).toBe(true);
          expect(inflated(rival, HELLO).toString()).toBe('Hello');
        }
      },
    );
    fc.assert(law, { numRuns: 150 });
  });
});

describe('memory between messages', () => {
  test('without takeover the context goes back, and one serves all', () => {
    const shared = compression();
    const all = Array.from({ length: 20 }, () => shared.inflater({ inflate: NO_TAKEOVER }));
    for (const inflater of all) inflated(inflater, HELLO);
    expect(shared.contexts.inflating).toBe(1);
    expect(all.every(({ heldBytes }) => heldBytes === 0)).toBe(true);
  });

  test('with takeover a context that was taken away leaves the window behind, no larger than what was in it', () => {
    const shared = compression({ maxContexts: 1 });
    const [first, second] = [0, 1].map(() => shared.inflater({ inflate: TAKEOVER }));
    if (first === undefined || second === undefined) throw new Error('unreachable');
    inflated(first, HELLO);
    inflated(second, HELLO);
    expect([first.heldBytes, second.heldBytes, shared.contexts.inflating]).toEqual([5, 0, 1]);
    expect(inflated(first, hex`f2 00 11 00 00`).toString()).toBe('Hello');
    expect([first.heldBytes, second.heldBytes]).toEqual([0, 5]);
  });

  test('a message under way keeps its context', () => {
    const shared = compression({ maxContexts: 1 });
    const [first, second] = [0, 1].map(() => shared.inflater({ inflate: TAKEOVER }));
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const [head = HELLO, ...rest] = byteByByte(HELLO);
    first.push(head, 0, 1, false);
    expect(first.next(9)).toBe(0);
    inflated(second, HELLO);
    expect(inflated(first, rest).toString()).toBe('Hello');
  });

  test('closed in the middle of a message, twice, it takes and gives nothing more', () => {
    const shared = compression();
    const inflater = shared.inflater({ inflate: TAKEOVER });
    inflater.push(HELLO, 0, 3, false);
    inflater.next(1);
    inflater.close();
    inflater.close();
    inflater.push(HELLO, 3, HELLO.length, true);
    expect([inflater.next(9), inflater.done, inflater.heldBytes]).toEqual([0, true, 0]);
    expect(inflated(shared.inflater({ inflate: TAKEOVER }), HELLO).toString()).toBe('Hello');
  });
});
