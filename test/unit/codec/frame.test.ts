import { frame, isControl, Opcode } from '../../../src/codec/frame.js';

test('control frames are close, ping and pong', () => {
  expect(Object.entries(Opcode).flatMap(([name, value]) => (isControl(value) ? [name] : []))).toEqual([
    'close',
    'ping',
    'pong',
  ]);
});

test('a frame has FIN set and reserved bits clear unless asked, and its payload is not copied', () => {
  const payload = Buffer.from('Hello');
  const whole = frame(Opcode.text, payload);
  expect(whole).toEqual({ opcode: 1, fin: true, rsv1: false, rsv2: false, rsv3: false, payload });
  expect(whole.payload).toBe(payload);
  expect(frame(Opcode.text, payload, false).fin).toBe(false);
});
