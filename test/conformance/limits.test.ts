/** RFC 6455 §10.4: limits of frames and messages, refused on the header, before anything is kept. */
import { binary, continuation, headerOf, text } from '../support/frames.js';
import { LIMITS, type Row, testRows, to } from './support/meeting.js';

const { maxFrameBytes, maxMessageBytes } = LIMITS;
const form = (role: string) => (role === 'server' ? { key: Buffer.alloc(4) } : {});

const ROWS: readonly Row[] = [
  {
    title: '§10.4 a frame of exactly the limit passes',
    sends: (role) => [to(role, binary(Buffer.alloc(maxFrameBytes)))],
    reads: [Buffer.alloc(maxFrameBytes)],
  },
  ...[BigInt(maxFrameBytes + 1), 2n ** 32n, 2n ** 53n, 2n ** 60n, 2n ** 63n - 1n].map((length) => ({
    title: `§10.4 a frame that announces ${length} bytes fails on its header`,
    sends: (role: string) => [headerOf(binary(''), length, form(role)).subarray(0, 10)],
    close: 1009,
  })),
  {
    title: '§10.4 a message of exactly the limit passes in fragments',
    sends: (role) => [
      to(role, text('a'.repeat(maxFrameBytes), false)),
      to(role, continuation('b'.repeat(maxMessageBytes - maxFrameBytes))),
    ],
    reads: ['a'.repeat(maxFrameBytes) + 'b'.repeat(maxMessageBytes - maxFrameBytes)],
  },
  {
    title: '§10.4 fragments that come to one byte more fail on the header of the last',
    sends: (role) => {
      const last = maxMessageBytes - maxFrameBytes + 1;
      return [
        to(role, binary(Buffer.alloc(maxFrameBytes), false)),
        headerOf(continuation('', false), last, form(role)),
      ];
    },
    close: 1009,
  },
];

testRows(ROWS);
