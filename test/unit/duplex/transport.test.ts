import { PassThrough } from 'node:stream';
import { drive } from '../../../src/duplex/transport.js';
import { turns } from '../../support/streams.js';

function driver() {
  return { received: jest.fn(), ended: jest.fn(), transportFailed: jest.fn(), transportClosed: jest.fn() };
}

test('bytes, the end and the close, each to the driver of this transport', async () => {
  const [one, other] = [driver(), driver()];
  const transport = new PassThrough();
  drive(transport, one);
  drive(new PassThrough(), other);
  transport.end('bytes');
  await turns(3);
  expect(one.received.mock.calls).toEqual([[Buffer.from('bytes')]]);
  expect([one.ended.mock.calls.length, one.transportClosed.mock.calls.length]).toEqual([1, 1]);
  expect(one.transportFailed).not.toHaveBeenCalled();
  expect(other.received).not.toHaveBeenCalled();
});

test('an error, with its cause', async () => {
  const one = driver();
  const transport = new PassThrough();
  drive(transport, one);
  const cause = new Error('EPIPE');
  transport.destroy(cause);
  await turns(3);
  expect(one.transportFailed.mock.calls).toEqual([[cause]]);
  expect(one.transportClosed).toHaveBeenCalledTimes(1);
});
