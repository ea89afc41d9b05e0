/** The closing handshake where it is not one: resets, destroyed sockets, illegal codes, readers that have stopped. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { frame, Opcode } from '../../src/codec/frame.js';
import { UsageError } from '../../src/errors.js';
import { labelOf, text } from '../support/frames.js';
import { turns } from '../support/streams.js';
import { both, facing, lifeOf } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

test('destroy without an error sends nothing', async () => {
  const { ws, peer } = await facing();
  const { over, errors } = lifeOf(ws);
  ws.destroy();
  await peer.ended();
  expect(peer.bytes).toHaveLength(0);
  expect(await over).toEqual({ code: 1006, reason: '' });
  expect(errors).toEqual([]);
});

test('a reset is a cut-off stream, with the cause', async () => {
  const { ws, peer } = await facing();
  const { over, errors } = lifeOf(ws);
  peer.send(text('x'));
  await once(ws, 'data');
  (peer.socket as Socket).resetAndDestroy();
  expect(await over).toEqual({ code: 1006, reason: '' });
  expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF', cause: { code: 'ECONNRESET' } }]);
});

test.each([
  [999, ''],
  [1004, ''],
  [1006, ''],
  [1015, ''],
  [2999, ''],
  [5000, ''],
  [1000.5, ''],
  [Number.NaN, ''],
  [1000, 'é'.repeat(62)],
])('close(%p, %p) is a UsageError, and nothing happens', async (code, reason) => {
  const { ws, peer } = await facing();
  expect(() => ws.close(code, reason)).toThrow(UsageError);
  ws.write('still open');
  await peer.until(() => peer.frames.length === 1);
  expect(peer.frames.map(labelOf)).toEqual([labelOf(text('still open'))]);
});

test('a second close changes nothing and waits for the first', async () => {
  const { ws, peer } = await facing();
  const first = ws.close(4000);
  const second = ws.close(4001);
  expect(await peer.closed()).toEqual({ code: 4000, reason: '' });
  peer.sendClose(4000);
  expect(await first).toEqual(await second);
});

test('closed comes even when bytes are left unread: the wire is gone', async () => {
  const { ws, peer } = await facing({ role: 'client', readAs: 'bytes' });
  ws.on('data', () => {});
  ws.pause();
  const closed = ws.close();
  await peer.closed();
  peer.send(text('unread'));
  peer.sendClose(1000);
  await turns(5);
  expect(ws.destroyed).toBe(false);
  peer.socket.end();
  expect(await closed).toMatchObject({ code: 1000 });
});

test('messages that come as streams and have no reader do not hold our close up', async () => {
  const { client, server } = await both({ server: { readAs: 'stream' } });
  client.write('nobody reads this');
  client.write(Buffer.alloc(300_000));
  expect(await server.close()).toMatchObject({ code: 1000 });
});

test('an unread message holds our close up until its time is over', async () => {
  const { ws, peer } = await facing({ closeTimeoutMs: 20 });
  ws.on('data', () => {}).pause();
  const { errors, over } = lifeOf(ws);
  ws.close();
  await peer.closed();
  peer.send(text('unread'), hex`88 82 00000000 03e8`);
  expect(await over).toMatchObject({ code: 1006, sent: { code: 1000 } });
  expect(errors).toMatchObject([{ code: 'ERR_WS_CLOSE_TIMEOUT' }]);
});

test.each(['message', 'stream', 'bytes'] as const)(
  'a clean close within a message does not make it whole, read as %s',
  async (readAs) => {
    const { ws, peer } = await facing({ readAs });
    const { over, errors } = lifeOf(ws);
    ws.on('data', (item) => typeof item === 'object' && 'resume' in item && item.resume());
    peer.send({ ...text('half'), fin: false });
    peer.send(frame(Opcode.close, hex`03 e8`));
    expect(await over).toMatchObject({ sent: { code: 1000 }, received: { code: 1000 } });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF', facts: { withinMessage: true } }]);
  },
);
