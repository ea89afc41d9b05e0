/** RFC 6455 §5.6 and §8.1: text is UTF-8, and fails at the first byte that is not, in the middle of frame and fragment. */
import type { Role } from '../../src/codec/frame.js';
import { binary, close, continuation, text, wireOf } from '../support/frames.js';
import { hex } from '../support/wire.js';
import { type Row, testRows, to } from './support/meeting.js';

/** Bad sequences up to the byte that proves them. */
const BAD = ['80', 'bf', 'c0', 'c1', 'f5', 'ff', 'c328', 'e080', 'e09f', 'eda0', 'e28228', 'f08f', 'f490', 'f0908028'];
const BROKEN_OFF = ['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98'];
const GOOD = [
  '',
  'plain',
  'é€😀',
  '\u0000',
  '\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}',
  '\ufeffmark',
];

const bytes = (digits: string) => Buffer.from(digits, 'hex');

/** A text frame that announces `more` bytes beyond those that are sent. */
function unfinished(role: Role, payload: Buffer, more: number): Buffer {
  const whole = text(Buffer.concat([payload, Buffer.alloc(more, 'x')]));
  return to(role, whole).subarray(0, -more);
}

const LEGAL: readonly Row[] = [
  ...GOOD.map((value) => ({
    title: `§5.6 the text ${JSON.stringify(value)} arrives as it is`,
    sends: (role: Role) => [to(role, text(value))],
    reads: [value],
  })),
  {
    title: '§5.6 a frame may end within a character',
    sends: (role) =>
      [text(hex`f0`, false), continuation(hex`9f98`, false), continuation(hex`80`)].map((one) => to(role, one)),
    reads: ['😀'],
  },
  {
    title: '§5.6 binary is arbitrary',
    sends: (role) => BAD.map((digits) => to(role, binary(bytes(digits)))),
    reads: BAD.map(bytes),
  },
];

const ILLEGAL: readonly Row[] = [
  ...BAD.map((digits) => ({
    title: `§8.1 the bytes ${digits} fail in the middle of a frame`,
    sends: (role: Role) => [unfinished(role, Buffer.concat([Buffer.from('good é '), bytes(digits)]), 60_000)],
    close: 1007,
  })),
  ...BAD.map((digits) => ({
    title: `§8.1 the bytes ${digits} fail in a fragment, before the message ends`,
    sends: (role: Role) => [to(role, text('good ', false)), to(role, continuation(bytes(digits), false))],
    close: 1007,
  })),
  ...BROKEN_OFF.map((digits) => ({
    title: `§8.1 a message that ends within the character ${digits} fails`,
    sends: (role: Role) => [to(role, text(bytes(digits), false)), to(role, continuation(''))],
    close: 1007,
  })),
  {
    title: '§8.1 a character that is cut between fragments and goes on wrong fails at that byte',
    sends: (role) => [to(role, text(hex`e2`, false)), to(role, continuation(hex`28`, false))],
    close: 1007,
  },
  {
    title: '§8.1 the reason of a close frame is UTF-8, too',
    sends: (role) => [to(role, { ...close(1000), payload: hex`03e8 ff` })],
    close: 1007,
  },
  {
    title: '§8.1 a text frame that is complete in one chunk fails as well',
    sends: (role) => [wireOf(text(hex`61 c0 62`), role === 'server' ? { key: hex`01020304` } : {})],
    close: 1007,
  },
];

testRows([...LEGAL, ...ILLEGAL]);
