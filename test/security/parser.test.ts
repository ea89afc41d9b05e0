/** "Frame parser and memory": what broke other implementations, tried on this one. */
import { FrameAssembler } from '../../src/codec/frame-assembler.js';
import { FrameParser } from '../../src/codec/frame-parser.js';
import { MessageAssembler } from '../../src/codec/message-assembler.js';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { MessageDecoder } from '../../src/codec/stream/message-decoder.js';
import { LimitError, ProtocolError, type WebSocketError } from '../../src/errors.js';
import { binary, ping, text, wireOf } from '../support/frames.js';
import { outcomeOf, thrownBy } from '../support/parsing.js';
import { failureOf } from '../support/streams.js';
import { byteByByte, everyExactCut, hex, inChunksOf } from '../support/wire.js';

const ROLES = ['client', 'server'] as const;
const MIB = 1024 * 1024;
const KEY = hex`37fa213d`;
const keyFor = (role: 'client' | 'server') => (role === 'server' ? { key: KEY } : {});

/** Parser and message assembler together, as a shell drives them; messages are counted, not kept. */
class Receiver {
  readonly parser: FrameParser;
  readonly assembler: MessageAssembler;
  messages: number[] = [];

  constructor(role: 'client' | 'server', maxMessageBytes = 16 * MIB) {
    this.parser = new FrameParser({ role, maxFrameBytes: maxMessageBytes, rsv1: false });
    this.assembler = new MessageAssembler(maxMessageBytes);
  }

  take(chunk: Buffer): void {
    this.parser.push(chunk);
    for (let part = this.parser.next(); part !== null; part = this.parser.next()) {
      const { opcode, length, fin } = part.header;
      if (opcode >= 8) continue;
      if (part.first) this.assembler.begin(opcode, length, this.parser);
      const message = this.assembler.add(part.bytes, part.start, part.end, fin && part.last, this.parser);
      if (message !== null) this.messages.push(message.length);
    }
  }
}

/** Buffer memory that is alive after a full collection, less what was there before `run`. */
function pinnedBy(run: () => unknown): number {
  const collect = globalThis.gc ?? forcedCollection();
  collect();
  const before = process.memoryUsage();
  const kept = run();
  // The first collection finds buffers that nobody holds; their memory may be given back only during the next one.
  collect();
  collect();
  const after = process.memoryUsage();
  expect(kept).toBeDefined();
  return after.arrayBuffers - before.arrayBuffers + Math.max(after.heapUsed - before.heapUsed, 0);
}

/** V8's own collector, for a run without --expose-gc. */
function forcedCollection(): () => void {
  const { setFlagsFromString } = jest.requireActual<typeof import('node:v8')>('node:v8');
  const { runInNewContext } = jest.requireActual<typeof import('node:vm')>('node:vm');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

describe('memory follows the bytes, not the number of parts', () => {
  /** The first fragment, then a million more like it, without FIN. */
  function flood(role: 'client' | 'server', payload: string, frames: number): { wire: Buffer; opening: Buffer } {
    const opening = wireOf(binary(payload, false), keyFor(role));
    const one = Buffer.concat([Buffer.from([0]), opening.subarray(1)]);
    return { opening, wire: Buffer.alloc(one.length * frames, one) };
  }

  test.each(ROLES)('10^6 fragments of one byte without FIN pin less than twice the wire, for a %s', (role) => {
    const { opening, wire } = flood(role, 'x', 1_000_000);
    const receiver = new Receiver(role);
    const pinned = pinnedBy(() => {
      receiver.take(opening);
      for (const chunk of inChunksOf(65_536, wire)) receiver.take(chunk);
      return receiver;
    });
    expect(receiver.assembler.heldBytes).toBe(1_000_001);
    expect(pinned / wire.length).toBeLessThan(2);
  });

  test.each(ROLES)('10^6 empty continuations keep nothing, for a %s', (role) => {
    const { opening, wire } = flood(role, '', 1_000_000);
    const receiver = new Receiver(role);
    const pinned = pinnedBy(() => {
      receiver.take(opening);
      for (const chunk of inChunksOf(65_536, wire)) receiver.take(chunk);
      return receiver;
    });
    expect(receiver.assembler.heldBytes).toBe(0);
    expect(pinned).toBeLessThan(MIB);
  });

  test.each(ROLES)('1 MiB of a frame in chunks of one byte, each with an allocation of its own, for a %s', (role) => {
    const wire = wireOf(binary(Buffer.alloc(MIB, 1)), keyFor(role)).subarray(0, -1);
    const parser = new FrameParser({ role, maxFrameBytes: Infinity, rsv1: false });
    const assembler = new FrameAssembler(false);
    const pinned = pinnedBy(() => {
      for (const byte of wire) {
        parser.push(Buffer.allocUnsafeSlow(1).fill(byte));
        for (let part = parser.next(); part !== null; part = parser.next()) assembler.add(part);
      }
      return assembler;
    });
    expect(assembler.heldBytes).toBe(MIB - 1);
    expect(pinned / wire.length).toBeLessThan(2);
  });

  test.each(ROLES)('a legal message of 1 MiB in fragments of one byte passes, for a %s', (role) => {
    const { opening, wire } = flood(role, 'x', MIB - 2);
    const end = wireOf({ ...binary('x'), opcode: 0 }, keyFor(role));
    const receiver = new Receiver(role, MIB);
    for (const chunk of [opening, ...inChunksOf(65_536, wire), end]) receiver.take(chunk);
    expect(receiver.messages).toEqual([MIB]);
  });

  test('the same attack against a limit is a LimitError at the first byte over it', () => {
    const { opening, wire } = flood('client', 'x', 1_001);
    const receiver = new Receiver('client', 1_000);
    const error = thrownBy(() => receiver.take(Buffer.concat([opening, wire])));
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG', facts: { atLeast: 1_001, frame: 1_000 } });
    expect(receiver.assembler.heldBytes).toBe(1_000);
  });

  test('10^6 pongs leave nothing behind', () => {
    const wire = Buffer.alloc(7_000_000, wireOf({ ...ping('p'), opcode: 10 }, { key: KEY }));
    const receiver = new Receiver('server');
    const pinned = pinnedBy(() => {
      for (const chunk of inChunksOf(65_537, wire)) receiver.take(chunk);
      return receiver;
    });
    expect(receiver.parser.frame).toBe(999_999);
    expect(pinned).toBeLessThan(MIB);
  });

  test('10,000 parsers that have read one frame keep less than 1 KiB each', () => {
    const chunk = Buffer.concat([wireOf(text('hi'), { key: KEY }), hex`82`, Buffer.alloc(0)]);
    const pinned = pinnedBy(() => Array.from({ length: 10_000 }, () => outcomeOf([chunk], { role: 'server' }).parser));
    expect(pinned / 10_000).toBeLessThan(1_024);
  });
});

describe('lengths', () => {
  const lengths: readonly (readonly [string, bigint, string | null])[] = [
    ['2^31', 2n ** 31n, null],
    ['2^32', 2n ** 32n, null],
    ['2^53 - 1', 2n ** 53n - 1n, null],
    ['2^53', 2n ** 53n, 'ERR_WS_FRAME_TOO_BIG'],
    ['2^63 - 1', 2n ** 63n - 1n, 'ERR_WS_FRAME_TOO_BIG'],
    ['2^63', 2n ** 63n, 'ERR_WS_LENGTH_SIGN_BIT'],
    ['2^64 - 1', 2n ** 64n - 1n, 'ERR_WS_LENGTH_SIGN_BIT'],
  ];

  test.each(lengths)(
    '%s: 16 MiB are over before it, no limit takes it as it is, nothing is allocated for it',
    (_, length, code) => {
      const wire = Buffer.alloc(10, hex`827f`);
      wire.writeBigUInt64BE(length, 2);
      for (const cut of everyExactCut(wire)) {
        const limited = outcomeOf(cut, { role: 'client', maxFrameBytes: 16 * MIB });
        expect(limited.failure?.code).toBe(code === 'ERR_WS_LENGTH_SIGN_BIT' ? code : 'ERR_WS_FRAME_TOO_BIG');
        const unlimited = outcomeOf(cut, { role: 'client' });
        expect([unlimited.failure?.code ?? null, unlimited.assembler.heldBytes]).toEqual([code, 0]);
      }
    },
  );

  test('fragments whose lengths sum past 2^53 are a LimitError before a byte of them', () => {
    const receiver = new Receiver('client', 2 ** 53 - 1);
    receiver.take(hex`02 01 00`);
    const error = thrownBy(() => receiver.take(hex`00 7f 001fffffffffffff`));
    expect(error).toMatchObject({ code: 'ERR_WS_MESSAGE_TOO_BIG', closeCode: 1009 });
  });

  test.each([
    ['5 in 16 bits', hex`82 7e 0005`],
    ['5 in 64 bits', hex`82 7f 0000000000000005`],
    ['65,535 in 64 bits', hex`82 7f 000000000000ffff`],
  ])('%s is not the shortest form: 1002', (_, wire) => {
    expect(outcomeOf([wire], { role: 'client' }).failure?.code).toBe('ERR_WS_LENGTH_NOT_MINIMAL');
  });

  test.each(ROLES)('a reserved opcode with 2^40 bytes fails on its first byte and keeps none, for a %s', (role) => {
    const wire = hex`83 ff 0000010000000000 37fa213d`;
    for (const cut of everyExactCut(wire)) {
      const { failure, assembler, frames } = outcomeOf(cut, { role });
      expect(failure).toMatchObject({ code: 'ERR_WS_RESERVED_OPCODE', facts: { offset: 0 } });
      expect([assembler.heldBytes, frames]).toEqual([0, []]);
    }
    expect(outcomeOf(byteByByte(wire), { role }).failure?.pushed).toBe(1);
  });
});

test('a bad byte in the middle of a 1 MiB text frame fails there, not at its end', async () => {
  const payload = Buffer.alloc(MIB, 'text ');
  payload[MIB / 2] = 0xff;
  const frames = new FrameDecoder({ role: 'server', splitFrames: true });
  const messages = new MessageDecoder();
  frames.on('error', () => {});
  const failed = failureOf(frames.pipe(messages));
  const chunks = inChunksOf(1_000, wireOf(text(payload), { key: KEY }));
  // Only the bytes up to the bad one are ever written.
  for (const chunk of chunks.slice(0, Math.ceil((MIB / 2 + 15) / 1_000))) frames.write(chunk);
  const error = await failed;
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code: 'ERR_WS_INVALID_UTF8', closeCode: 1007, facts: { byte: MIB / 2 } });
  frames.destroy();
});

test('an error names facts, never payload', () => {
  const error = thrownBy(() =>
    new Receiver('client').take(hex`81 09 ${Buffer.from('SECRET')} ff4142`),
  ) as WebSocketError;
  expect(JSON.stringify([error.message, error.facts])).not.toContain('SECRET');
});
