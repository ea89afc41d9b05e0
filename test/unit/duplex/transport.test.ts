import { once } from 'node:events';
import { Socket } from 'node:net';
import { PassThrough, type Writable } from 'node:stream';
import { drive, holdsNothing } from '../../../src/duplex/transport.js';
import { socketPair } from '../../support/socket-pair.js';
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
  expect(one.received.mock.calls).toEqual([[Buffer.from('bytes'), false]]);
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

describe('who holds what was written', () => {
  test('a socket, from the write that the system has no room for until it drains', async () => {
    const { near, far } = await socketPair();
    near.write('taken at once');
    expect(holdsNothing(near)).toBe(true);
    while (holdsNothing(near)) near.write(Buffer.alloc(1 << 20));
    expect(near.writableLength).toBeGreaterThan(0);
    far.resume();
    await once(near, 'drain');
    expect(holdsNothing(near)).toBe(true);
    near.destroy();
    far.destroy();
  });

  test('any other stream, for all that one knows', () => {
    const transport = new PassThrough();
    transport.write('still here');
    expect(holdsNothing(transport)).toBe(false);
    expect(holdsNothing(new PassThrough())).toBe(false);
  });

  test.each(['write', '_write', '_writev'] as const)('a socket whose %s is somebody’s own', (method) => {
    const socket = new Socket();
    expect(holdsNothing(socket)).toBe(true);
    (socket as Writable)[method] = () => true;
    expect(holdsNothing(socket)).toBe(false);
    socket.destroy();
  });
});
