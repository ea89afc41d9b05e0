/**
 * Breaches that the header of a frame proves (RFC 6455 §5.1 to §5.5).
 *
 * Knows: for each rule about headers, frames that break it and no other one.
 * Does not know: payloads (payload-breaches.ts), or what stands before and after (broken-wires.ts).
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';
import { type Breach, type BreachMaker, type Circumstances, formFor, headerBreach } from './breach.js';
import { payloads } from './payloads.js';
import { frameOf, headerOf } from './raw-frame.js';

const RESERVED_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as const;

/** A payload that is legal in every frame but a close frame. */
const HI = Buffer.from('Hi');

/** §5.2: opcodes 3 to 7 and 11 to 15 are reserved. */
export const reservedOpcode: BreachMaker = (about) =>
  fc
    .tuple(fc.constantFrom(...RESERVED_OPCODES), payloads({ maxBytes: 125 }))
    .map(([opcode, payload]) => headerBreach(frameOf(opcode, payload), 0, formFor(about)));

/** §5.2: RSV1 to RSV3 are clear unless an extension gives them a meaning, and permessage-deflate has one for few. */
export const reservedBit: BreachMaker = (about) =>
  fc
    .tuple(legalOpcodes(about), fc.constantFrom(1, 2, 3, 4, 5, 6, 7))
    .filter(([opcode, bits]) => !(about.deflate && bits === 4 && (opcode === 1 || opcode === 2)))
    .map(([opcode, bits]) => {
      const reserved = { rsv1: (bits & 4) !== 0, rsv2: (bits & 2) !== 0, rsv3: (bits & 1) !== 0 };
      return headerBreach(frameOf(opcode, HI, reserved), 0, formFor(about));
    });

/** §5.1: a client masks every frame. */
export const maskMissing: BreachMaker = (about) =>
  legalOpcodes(about).map((opcode) => headerBreach(frameOf(opcode, HI), 1, {}));

/** §5.1: a server masks none. */
export const maskUnexpected: BreachMaker = (about) =>
  legalOpcodes(about).map((opcode) => headerBreach(frameOf(opcode, HI), 1, { key: about.key }));

/** §5.2: the shortest form of the length. Of 16 bits the second byte proves it, of 64 bits the sixth. */
export const lengthNotMinimal: BreachMaker = (about) => {
  const short = payloads({ maxBytes: 125 }).map((payload) => ({ payload, lengthBytes: 2 as const }));
  const wide = payloads({ maxBytes: 300 }).map((payload) => ({ payload, lengthBytes: 8 as const }));
  return fc.tuple(dataOpcodes(about), fc.oneof(short, wide)).map(([opcode, { payload, lengthBytes }]) => {
    const form = { ...formFor(about), lengthBytes };
    return headerBreach(frameOf(opcode, payload), lengthBytes === 2 ? 3 : 7, form);
  });
};

/** §5.2: the most significant bit of a 64-bit length is clear. */
export const lengthSignBit: BreachMaker = (about) =>
  fc
    .tuple(dataOpcodes(about), fc.bigInt({ min: 2n ** 63n, max: 2n ** 64n - 1n }))
    .map(([opcode, length]) => announcement(about, opcode, length, 2));

/** §5.5: control frames are not fragmented. */
export const controlFragmented: BreachMaker = (about) =>
  fc.constantFrom(9, 10, 8).map((opcode) => headerBreach(frameOf(opcode, '', { fin: false }), 0, formFor(about)));

/** §5.5: control frames carry at most 125 bytes. */
export const controlTooLong: BreachMaker = (about) =>
  fc.tuple(fc.constantFrom(9, 10, 8), fc.integer({ min: 126, max: 300 })).map(([opcode, size]) => {
    // 1000, then text: what a close frame may hold, were it not too long.
    const payload = Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(size - 2, 'x')]);
    return headerBreach(frameOf(opcode, payload), 1, formFor(about));
  });

/** §5.4: a continuation without a message to continue. */
export const continuationUnexpected: BreachMaker = (about) =>
  fc.boolean().map((fin) => headerBreach(frameOf(0, HI, { fin }), 0, formFor(about)));

/** §5.4: a new message before the last one has ended. */
export const continuationExpected: BreachMaker = (about) =>
  fc
    .tuple(fc.constantFrom(1, 2), fc.boolean())
    .map(([opcode, fin]) => headerBreach(frameOf(opcode, HI, { fin }), 0, formFor(about)));

/** §10.4: a frame that announces more than the receiver takes. Only a few of its bytes are sent. */
export const frameTooBig: BreachMaker = (about) => {
  const least = about.maxFrameBytes + 1;
  const lengths = fc.oneof(fc.constant(least), fc.integer({ min: least, max: Number.MAX_SAFE_INTEGER }));
  return fc
    .tuple(dataOpcodes(about), lengths)
    .map(([opcode, length]) => announcement(about, opcode, BigInt(length), proofOfSize(length, about.maxFrameBytes)));
};

/** A data frame that announces `length` bytes and sends two. */
function announcement(about: Circumstances, opcode: number, length: bigint, proof: number): Breach {
  const header = headerOf(frameOf(opcode), length, formFor(about));
  const label = `${about.open ? 'continuation' : 'message'} of ${length} bytes, announced`;
  return { bytes: Buffer.concat([header, HI]), proof, starts: [0], label };
}

/** The first byte of a header after which the length is above `limit` whatever follows. */
function proofOfSize(length: number, limit: number): number {
  if (length < 126) return 1;
  const size = length < 65_536 ? 2 : 8;
  for (let read = 1; read < size; read++) {
    const unit = 256 ** (size - read);
    if (Math.floor(length / unit) * unit > limit) return 1 + read;
  }
  return 1 + size;
}

/** The opcodes that a data frame may have here. */
function dataOpcodes({ open }: Circumstances): Arbitrary<number> {
  return open ? fc.constant(0) : fc.constantFrom(1, 2);
}

/** The opcodes that a frame may have here, close left out: its payload has rules of its own. */
function legalOpcodes(about: Circumstances): Arbitrary<number> {
  return fc.oneof(dataOpcodes(about), fc.constantFrom(9, 10));
}
