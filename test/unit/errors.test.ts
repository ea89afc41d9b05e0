import { ProtocolError, VIOLATIONS, violation } from '../../src/errors.js';

test('a violation is an error of the class of its fault, with code, close code and facts in the sentence', () => {
  const error = violation('RESERVED_OPCODE', { opcode: 3, frame: 7 });
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ name: 'ProtocolError', code: 'ERR_WS_RESERVED_OPCODE', closeCode: 1002 });
  expect(error.message).toBe(`${VIOLATIONS.RESERVED_OPCODE.says} (opcode 3, frame 7).`);
});
