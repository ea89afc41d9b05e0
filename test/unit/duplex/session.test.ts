import { duplexPair } from 'node:stream';
import type { WebSocketOptions } from '../../../src/duplex/options.js';
import { Session } from '../../../src/duplex/session.js';
import { Shared } from '../../../src/duplex/shared.js';
import { close, labelOf, ping, pong, text } from '../../support/frames.js';
import { RawPeer } from '../../support/raw-peer.js';
import { turns } from '../../support/streams.js';
import { afterTest } from '../../support/web-sockets.js';
import { hex } from '../../support/wire.js';

const THE_SOCKET = 'the socket';

function session(options: WebSocketOptions = {}, head: Buffer = Buffer.alloc(0)) {
  const [near, far] = duplexPair();
  const owner = {
    push: jest.fn(() => true),
    forwardsTo: () => null,
    relay: () => false,
    readingEnds: jest.fn(),
    closed: jest.fn(),
    gone: jest.fn(),
    failed: jest.fn((_: unknown, error: Error) => one.destroy(error)),
    drained: jest.fn(),
    emit: jest.fn(),
  };
  const shared = new Shared({ keepAlive: false, ...options });
  const one: Session = new Session(owner, THE_SOCKET, near, 'server', shared, null);
  const peer = new RawPeer(far, 'client');
  one.start(head);
  afterTest(() => {
    one.destroy(null);
    far.destroy();
  });
  return { session: one, owner, peer, near };
}

const said = (code: number, reason = '') => ({ code, reason });

test('the head is read first, then what the transport yields', async () => {
  const { owner, peer } = session({}, hex`81 81 00000000 31`);
  peer.send(text('2'));
  await turns(3);
  expect(owner.push.mock.calls).toEqual([
    [THE_SOCKET, '1'],
    [THE_SOCKET, '2'],
  ]);
});

test('a ping is answered and reported, a pong is reported', async () => {
  const { owner, peer } = session();
  peer.send(ping('a'), pong('b'));
  await turns(3);
  expect(peer.frames.map(labelOf)).toEqual([labelOf(pong('a'))]);
  expect(owner.emit.mock.calls).toEqual([
    [THE_SOCKET, 'ping', Buffer.from('a')],
    [THE_SOCKET, 'pong', Buffer.from('b')],
  ]);
});

test('the peer closes: reading ends, our answer is its code, then both are closed and the transport ends', async () => {
  const { session: one, owner, peer } = session();
  peer.sendClose(1001, 'bye');
  await turns(3);
  expect(owner.emit.mock.calls).toEqual([[THE_SOCKET, 'close-frame', said(1001, 'bye')]]);
  expect(owner.readingEnds).toHaveBeenCalledTimes(1);
  expect(one.closing.answer).toEqual(said(1001));
  one.close(one.closing.answer);
  expect(owner.closed).toHaveBeenCalledTimes(1);
  await peer.ended();
  expect(peer.frames.map(labelOf)).toEqual(['8 03e9']);
  peer.socket.end();
  await turns(5);
  expect(owner.gone).toHaveBeenCalledWith(THE_SOCKET, expect.objectContaining({ code: 1001 }));
});

test('a failing code of the peer is answered at once and fails', async () => {
  const { owner, peer } = session();
  peer.sendClose(1011);
  await turns(3);
  expect(peer.frames.map(labelOf)).toEqual(['8 03f3']);
  expect(owner.failed.mock.calls).toMatchObject([
    [THE_SOCKET, { code: 'ERR_WS_PEER_CLOSED', facts: { closeCode: 1011 } }],
  ]);
  expect(owner.readingEnds).not.toHaveBeenCalled();
});

test('only the first close is sent', async () => {
  const { session: one, peer } = session();
  one.close(said(4000, 'first'));
  one.close(said(4001));
  await turns(3);
  expect(peer.frames).toEqual([close(4000, 'first')]);
  expect(one.closing.info.sent).toEqual(said(4000, 'first'));
});

test('destroyed with one of our errors it says why, in 123 bytes at most; with a stranger’s it does not', async () => {
  const { session: one, peer } = session();
  peer.send(hex`83 80 00000000`);
  await turns(3);
  expect(peer.closeFrame?.code).toBe(1002);
  expect(peer.closeFrame?.reason).toMatch(/^Frame uses a reserved opcode/);
  expect(one.closing.phase).toBe('sent');
  const other = session();
  other.session.destroy(new Error(`secret ${'x'.repeat(200)}`));
  await turns(3);
  expect(other.peer.closeFrame).toEqual(said(1011));
});

test('destroyed while pings wait, it rejects them', async () => {
  const { session: one } = session();
  const roundTrip = one.measure();
  one.destroy(null);
  await expect(roundTrip).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
});

test('a transport that is destroyed already, or fails, is a cut-off', async () => {
  const { near, owner } = session();
  near.destroy(new Error('EPIPE'));
  await turns(3);
  expect(owner.failed.mock.calls[0]).toMatchObject([
    THE_SOCKET,
    { code: 'ERR_WS_CUT_OFF', cause: { message: 'EPIPE' } },
  ]);
  expect(owner.gone).toHaveBeenCalledTimes(1);
});

test('an abandoned message fails the session or does not, as the options say', () => {
  for (const [abandoned, calls] of [
    ['drain', 0],
    ['fail', 1],
  ] as const) {
    const { session: one, owner } = session({ abandoned });
    one.abandoned();
    expect(owner.failed).toHaveBeenCalledTimes(calls);
  }
});
