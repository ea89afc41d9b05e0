/** RFC 6455 §5.4 and §5.5: fragments, and control frames between them. */
import type { Frame, Role } from '../../src/codec/frame.js';
import { binary, continuation, frameOf, ping, pong, text } from '../support/frames.js';
import { byteByByte, hex } from '../support/wire.js';
import { type Row, testRows, to } from './support/meeting.js';

const all =
  (...frames: readonly Frame[]) =>
  (role: Role) =>
    frames.map((frame) => to(role, frame));

const LEGAL: readonly Row[] = [
  {
    title: '§5.4 a message in three fragments arrives as one',
    sends: all(text('one ', false), continuation('two ', false), continuation('three')),
    reads: ['one two three'],
  },
  {
    title: '§5.4 empty fragments are fragments',
    sends: all(binary('', false), continuation('', false), continuation('x', false), continuation('')),
    reads: [Buffer.from('x')],
  },
  {
    title: '§5.4 control frames in the middle of a fragmented message are handled at once',
    sends: all(text('a', false), ping('p'), continuation('b', false), pong('q'), ping(''), continuation('c')),
    reads: ['abc'],
    pongs: ['p', ''],
  },
  {
    title: '§5.4 the fragments of a message have the type of the first',
    sends: all(binary('a', false), continuation('b'), text('c', false), continuation('d')),
    reads: [Buffer.from('ab'), 'cd'],
  },
  {
    title: '§5.4 nothing depends on where chunks begin and end',
    sends: (role) => byteByByte(Buffer.concat(all(text('é', false), ping('p'), continuation('ß'))(role))),
    reads: ['éß'],
    pongs: ['p'],
  },
];

const ILLEGAL: readonly Row[] = [
  {
    title: '§5.4 a continuation without a message fails on its first byte',
    sends: (role) => [to(role, continuation('x'), 1)],
    close: 1002,
  },
  {
    title: '§5.4 a continuation after the end of a message fails on its first byte',
    sends: (role) => [...all(text('a', false), continuation('b'))(role), to(role, continuation('c'), 1)],
    close: 1002,
    reads: ['ab'],
  },
  {
    title: '§5.4 a new text message between fragments fails on its first byte',
    sends: (role) => [...all(text('a', false), ping('p'))(role), to(role, text('b'), 1)],
    close: 1002,
    pongs: ['p'],
  },
  {
    title: '§5.4 a new binary message between fragments fails on its first byte',
    sends: (role) => [...all(text('a', false))(role), to(role, binary('b', false), 1)],
    close: 1002,
  },
  ...[8, 9, 10].map((opcode) => ({
    title: `§5.5 a fragment of the control frame ${opcode} fails on its first byte`,
    sends: (role: Role) => [to(role, frameOf(opcode, '', { fin: false }), 1)],
    close: 1002,
  })),
  ...[8, 9, 10].map((opcode) => ({
    title: `§5.5 the control frame ${opcode} with 126 bytes fails on its second byte`,
    sends: (role: Role) => [to(role, frameOf(opcode, Buffer.alloc(126)), 2)],
    close: 1002,
  })),
];

const PINGS: readonly Row[] = [
  ...[0, 1, 124, 125].map((size) => ({
    title: `§5.5.2 a ping of ${size} bytes is answered with the same bytes`,
    sends: (role: Role) => [to(role, ping('p'.repeat(size)))],
    pongs: ['p'.repeat(size)],
  })),
  {
    title: '§5.5.2 several pings are answered in order',
    sends: all(ping('1'), ping('2'), text('between'), ping('3')),
    pongs: ['1', '2', '3'],
    reads: ['between'],
  },
  { title: '§5.5.3 an unsolicited pong is not answered', sends: all(pong('x'), pong(''), pong(hex`ff`)) },
];

testRows([...LEGAL, ...ILLEGAL, ...PINGS]);
