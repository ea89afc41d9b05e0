import { Readable } from 'node:stream';
import fc from 'fast-check';
import {
  heldBytes,
  isPieces,
  isStream,
  type MessagePieces,
  PassingText,
  sendPieces,
} from '../../../src/duplex/outgoing.js';
import { prepare } from '../../../src/duplex/prepared-message.js';
import { UsageError } from '../../../src/errors.js';

interface Sent {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

async function fragmentsOf(pieces: MessagePieces): Promise<Sent[]> {
  const sent: Sent[] = [];
  await sendPieces(pieces, (opcode, fin, payload) => {
    sent.push({ opcode, fin, payload: Buffer.from(payload) });
    return null;
  });
  return sent;
}

const joined = (sent: readonly Sent[]) => Buffer.concat(sent.map(({ payload }) => payload));

test('a text cut anywhere, between the halves of a character too, is the same bytes, and each fragment whole characters', () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.array(fc.nat(50)), async (text, cuts) => {
      const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
      const pieces = edges.slice(1).map((end, at) => text.slice(edges[at], end));
      const sent = await fragmentsOf(pieces);
      expect(joined(sent)).toEqual(Buffer.from(text));
      expect(sent.map(({ payload }) => Buffer.from(payload.toString()))).toEqual(sent.map(({ payload }) => payload));
      expect(sent.map(({ opcode }) => opcode)).toEqual([1, ...sent.slice(1).map(() => 0)]);
      expect(sent.map(({ fin }) => fin)).toEqual([...sent.slice(1).map(() => false), true]);
    }),
  ));

test('a promise is waited for before the next piece is asked for', async () => {
  let produced = 0;
  let release = () => {};
  const whole = sendPieces(
    (function* () {
      for (; produced < 3; produced++) yield 'x';
    })(),
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  for (let expected = 0; expected < 3; expected++) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(produced).toBe(expected);
    release();
  }
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await whole;
});

test('the declared type wins over that of the first piece', async () => {
  const [first] = await fragmentsOf(Object.assign([Buffer.from('a')], { type: 'text' }));
  expect(first?.opcode).toBe(1);
  await expect(fragmentsOf(Object.assign(['a'], { type: 'binary' }))).rejects.toThrow(UsageError);
  expect((await fragmentsOf(Object.assign([], { type: 'text' })))[0]).toMatchObject({ opcode: 1, fin: true });
});

test.each([[[1]], [[null]], [[Buffer.of(1), 'text']], [[{}]]])('pieces %j are a UsageError', async (pieces) => {
  await expect(fragmentsOf(pieces as never)).rejects.toThrow(UsageError);
});

test('a source is told when its pieces are refused', async () => {
  let ended = false;
  const source = (function* () {
    try {
      yield 1;
    } finally {
      ended = true;
    }
  })();
  await expect(fragmentsOf(source as never)).rejects.toThrow(UsageError);
  expect(ended).toBe(true);
});

test('held bytes: what is in memory, bookkeeping counted; a stream holds none of ours yet', () => {
  expect(heldBytes('x'.repeat(1_000))).toBeGreaterThan(1_000);
  expect(heldBytes('')).toBeGreaterThan(0);
  expect(heldBytes(new Float64Array(100))).toBeGreaterThan(800);
  expect(heldBytes(new ArrayBuffer(100))).toBeGreaterThan(100);
  expect(heldBytes(prepare('x'.repeat(1_000)))).toBeLessThan(1_000);
  expect(heldBytes(Readable.from([]))).toBeLessThan(1_000);
  expect(heldBytes(new PassingText(Buffer.alloc(1_000)))).toBeGreaterThan(1_000);
  for (const wrong of [1, null, undefined, {}, true, Symbol('x')]) expect(() => heldBytes(wrong)).toThrow(UsageError);
});

test('pieces are what can be iterated; a stream is pieces that must be let go', () => {
  const values = [[], new Set(), Readable.from([]), (function* () {})(), {}, null, 5];
  expect(values.map(isPieces)).toEqual([true, true, true, true, false, false, false]);
  expect(values.map(isStream)).toEqual([false, false, true, false, false, false, false]);
});
