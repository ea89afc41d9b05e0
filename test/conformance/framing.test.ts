/** RFC 6455 §5.1 to §5.3: masks, bits, opcodes, lengths. A row that fails ends at the byte that proves it. */
import { binary, frameOf, ping, text, wireOf } from '../support/frames.js';
import { hex } from '../support/wire.js';
import { type Row, testRows, to } from './support/meeting.js';

const sized = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => at * 13));
const lengths = [0, 1, 125, 126, 127, 65_535, 65_536];

const LENGTHS: readonly Row[] = lengths.map((size) => ({
  title: `§5.2 a payload of ${size} bytes in the shortest form of its length`,
  sends: (role) => [to(role, binary(sized(size)))],
  reads: [sized(size)],
}));

const OPCODES: readonly Row[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
  title: `§5.2 the reserved opcode ${opcode} fails on its first byte`,
  sends: (role) => [to(role, frameOf(opcode, 'Hi'), 1)],
  close: 1002,
}));

const BITS: readonly Row[] = (['rsv1', 'rsv2', 'rsv3'] as const).flatMap((bit) =>
  [1, 2, 9, 10, 8].map((opcode) => ({
    title: `§5.2 the reserved bit ${bit} of opcode ${opcode} fails on its first byte`,
    sends: (role) => [to(role, text('before')), to(role, frameOf(opcode, '', { [bit]: true }), 1)],
    close: 1002,
    reads: ['before'],
  })),
);

const FORMS: readonly Row[] = [
  {
    title: '§5.2 a length of 125 in 16 bits is not minimal',
    sends: (role) => [Buffer.concat([hex`82`, role === 'server' ? hex`fe` : hex`7e`, hex`007d`])],
    close: 1002,
  },
  {
    title: '§5.2 a length of 65,535 in 64 bits is not minimal, which its sixth byte proves',
    sends: (role) => [Buffer.concat([hex`82`, role === 'server' ? hex`ff` : hex`7f`, hex`000000000000`])],
    close: 1002,
  },
  {
    title: '§5.2 the most significant bit of a 64-bit length is clear',
    sends: (role) => [Buffer.concat([hex`82`, role === 'server' ? hex`ff` : hex`7f`, hex`80`])],
    close: 1002,
  },
];

const MASKS: readonly Row[] = [
  {
    title: '§5.1 a server fails on a frame that is not masked, on its second byte',
    sends: () => [wireOf(text('Hi')).subarray(0, 2)],
    close: 1002,
    role: 'server',
  },
  {
    title: '§5.1 a server fails on a ping that is not masked',
    sends: () => [wireOf(ping()).subarray(0, 2)],
    close: 1002,
    role: 'server',
  },
  {
    title: '§5.1 a client fails on a frame that is masked, on its second byte',
    sends: () => [wireOf(text('Hi'), { key: hex`37fa213d` }).subarray(0, 2)],
    close: 1002,
    role: 'client',
  },
  {
    title: '§5.3 payloads are unmasked with octet i modulo 4 of their own key',
    sends: () =>
      [hex`00000000`, hex`01020304`, hex`ffffffff`, hex`37fa213d`].map((key) => wireOf(text('Hello'), { key })),
    reads: ['Hello', 'Hello', 'Hello', 'Hello'],
    role: 'server',
  },
];

const EXAMPLES: readonly Row[] = [
  { title: '§5.7 the unmasked "Hello"', sends: () => [hex`81 05 48656c6c6f`], reads: ['Hello'], role: 'client' },
  { title: '§5.7 the masked "Hello"', sends: () => [hex`81 85 37fa213d 7f9f4d5158`], reads: ['Hello'], role: 'server' },
  {
    title: '§5.7 "Hello" in two fragments',
    sends: () => [hex`01 03 48656c`, hex`80 02 6c6f`],
    reads: ['Hello'],
    role: 'client',
  },
  { title: '§5.7 the unmasked ping', sends: () => [hex`89 05 48656c6c6f`], pongs: ['Hello'], role: 'client' },
];

testRows([...MASKS, ...LENGTHS, ...FORMS, ...BITS, ...OPCODES, ...EXAMPLES]);
