import { constants } from 'node:http2';
import { http2CodeName } from '../../../src/handshake/http2-codes.js';

test("the names are those of Node's constants", () => {
  for (let code = 0; code < 14; code++) {
    const name = `NGHTTP2_${http2CodeName(code)}` as keyof typeof constants;
    expect(constants[name]).toBe(code);
  }
});

test('a code that the RFC does not have is shown as a number', () => {
  expect(http2CodeName(14)).toBe('0xe');
  expect(http2CodeName(4_294_967_295)).toBe('0xffffffff');
});
