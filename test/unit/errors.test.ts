import { decodeClose } from '../../src/codec/close-code.js';
import { MessageAssembler } from '../../src/codec/message-assembler.js';
import { cutOffBy, LimitError, ProtocolError, VIOLATIONS, violation, type WebSocketError } from '../../src/errors.js';
import { readWire } from '../support/frames.js';
import { outcomeOf, thrownBy } from '../support/parsing.js';
import { PROVOCATIONS, PROVOKABLE, PROVOKED_LIMITS, type Provocation } from '../support/provocations.js';

test('what ended a connection is told as it is when it is ours, and is the cause otherwise', () => {
  const reset = violation('STREAM_RESET');
  expect(cutOffBy(reset)).toBe(reset);
  const cause = new Error('read ECONNRESET');
  expect(cutOffBy(cause)).toMatchObject({ code: 'ERR_WS_CUT_OFF', facts: { reason: 'read ECONNRESET' }, cause });
});

test('a violation is an error of the class of its fault, with code, close code and facts in the sentence', () => {
  const error = violation('RESERVED_OPCODE', { opcode: 3, frame: 7 });
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ name: 'ProtocolError', code: 'ERR_WS_RESERVED_OPCODE', closeCode: 1002 });
  expect(error.message).toBe(`${VIOLATIONS.RESERVED_OPCODE.says} (opcode 3, frame 7).`);
});

test('every violation that bytes can prove is provoked', () => {
  expect([...new Set(PROVOCATIONS.map(({ name }) => name))].sort()).toEqual([...PROVOKABLE].sort());
});

/** What the pure core says about a wire: the parser, then the reader of messages and of close frames. */
function verdict({ role, wire }: Provocation): Pick<WebSocketError, 'code'> {
  const { maxFrameBytes, maxMessageBytes } = PROVOKED_LIMITS;
  const { failure } = outcomeOf([wire], { role, maxFrameBytes });
  if (failure !== null) return failure;
  const assembler = new MessageAssembler(maxMessageBytes);
  return thrownBy(() => {
    for (const { frame } of readWire(wire)) {
      if (frame.opcode === 8) decodeClose(frame.payload);
      if (frame.opcode >= 8) continue;
      assembler.begin(frame.opcode, frame.payload.length, { offset: 0, frame: 0 });
      assembler.add(frame.payload, 0, frame.payload.length, frame.fin, { offset: 0, frame: 0 });
    }
  }) as WebSocketError;
}

test.each(PROVOCATIONS)('$name: the wire of a $role’s peer proves it', (row) => {
  expect(verdict(row).code).toBe(`ERR_WS_${row.name}`);
});

test.each(Object.entries(VIOLATIONS))('%s names a section, and a close code where the peer can be told', (_, row) => {
  expect(row.rfc).toMatch(/^(6455|7692|8441|9113) §\d/);
  if (row.fault === 'protocol' || row.fault === 'limit') expect(row.close).not.toBeNull();
  if (row.fault === 'handshake') expect(row.close).toBeNull();
});

test('a limit is a LimitError, and says so with 1009', () => {
  expect(violation('MESSAGE_TOO_BIG')).toBeInstanceOf(LimitError);
  expect(violation('MESSAGE_TOO_BIG')).toMatchObject({
    closeCode: 1009,
    message: `${VIOLATIONS.MESSAGE_TOO_BIG.says}.`,
  });
});
