/** Pings, pongs and keepalive over real sockets. */
import { once } from 'node:events';
import { UsageError } from '../../src/errors.js';
import { labelOf, pong, text } from '../support/frames.js';
import { turn } from '../support/streams.js';
import { afterTest, both, facing, lifeOf, next } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

describe('ping', () => {
  test('resolves with the round trip in milliseconds; both sides see it', async () => {
    const { client, server } = await both();
    const seen = [once(server, 'ping'), once(client, 'pong')];
    expect(await client.ping('are you there?')).toBeGreaterThanOrEqual(0);
    expect(await Promise.all(seen)).toEqual([[Buffer.from('are you there?')], [Buffer.from('are you there?')]]);
  });

  test('without a payload each is unique', async () => {
    const { ws, peer } = await facing();
    const pings = [ws.ping(), ws.ping(), ws.ping()];
    await peer.until(() => peer.frames.length === 3);
    expect(new Set(peer.frames.map(labelOf)).size).toBe(3);
    for (const { payload } of peer.frames.toReversed()) peer.send(pong(payload));
    await Promise.all(pings);
  });

  test('a pong for the newest answers the earlier ones too, an unknown pong none', async () => {
    const { ws, peer } = await facing();
    const pings = Promise.all([ws.ping('a'), ws.ping('b'), ws.ping('b2')]);
    let answered = false;
    pings.then(() => {
      answered = true;
    });
    await peer.until(() => peer.frames.length === 3);
    peer.send(pong('unasked'), pong(''), pong('b'));
    for (let seen = 0; seen < 1; seen++) await once(ws, 'pong');
    await turn();
    expect(answered).toBe(false);
    peer.send(pong('b2'));
    await pings;
  });

  test('every view is sent byte for byte', async () => {
    const { ws, peer } = await facing();
    for (const view of [
      new Uint16Array([0x0201]),
      new DataView(Uint8Array.of(9, 1, 2, 9).buffer, 1, 2),
      Uint8Array.of(1, 2).buffer,
    ]) {
      const before = peer.frames.length;
      ws.ping(view).catch(() => {});
      await peer.until(() => peer.frames.length > before);
      expect(peer.frames.map(labelOf).at(-1)).toBe('9 0102');
    }
  });

  test.each([
    [42],
    [null],
    [[1, 2]],
    [{ length: 4 }],
    [true],
    ['x'.repeat(126)],
    [Buffer.alloc(126)],
    ['é'.repeat(63)],
  ])('of %p is a UsageError, and nothing is sent', async (payload) => {
    const { ws, peer } = await facing();
    await expect(ws.ping(payload as never)).rejects.toThrow(UsageError);
    ws.write('next');
    await peer.until(() => peer.frames.length === 1);
    expect(peer.frames.map(labelOf)).toEqual([labelOf(text('next'))]);
  });

  test('rejects when the connection ends first, and afterwards', async () => {
    const { ws, peer } = await facing();
    const waiting = ws.ping();
    await peer.until(() => peer.frames.length === 1);
    ws.destroy();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    await expect(ws.ping()).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });
});

describe('keepalive', () => {
  const QUICK = { intervalMs: 10, timeoutMs: 10 };

  test('a peer that is silent after a ping is given up', async () => {
    const { ws, peer } = await facing({ keepAlive: QUICK });
    const { over, errors } = lifeOf(ws);
    expect(await over).toEqual({ code: 1006, reason: '' });
    expect(errors).toMatchObject([{ code: 'ERR_WS_KEEPALIVE_TIMEOUT', closeCode: 1006, facts: QUICK }]);
    await peer.ended();
    expect(peer.frames.map(({ opcode }) => opcode)).toEqual([9]);
  });

  test('a peer that answers is kept, whatever it answers with', async () => {
    const { ws, peer } = await facing({ keepAlive: { intervalMs: 5, timeoutMs: 150 } });
    for (let pings = 1; pings <= 4; pings++) {
      await peer.until(() => peer.frames.length === pings);
      if (pings % 2 === 0) peer.send(pong(peer.frames.at(-1)?.payload));
      // Half a frame is a sign of life as well.
      else peer.send(hex`81`, hex`80 00000000`);
      ws.resume();
    }
    expect(ws.destroyed).toBe(false);
  });

  test('a peer whose answer waits to be read because this process was busy is not blamed', async () => {
    const { ws, peer } = await facing({ keepAlive: { intervalMs: 5, timeoutMs: 20 } });
    const { errors } = lifeOf(ws.resume());
    await peer.until(() => peer.frames.length === 1);
    peer.send(pong(peer.frames.at(-1)?.payload));
    const until = performance.now() + 100;
    while (performance.now() < until);
    await once(ws, 'pong');
    expect(errors).toEqual([]);
  });

  test('while our own reader has stopped, the peer is not blamed', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'performance'] });
    afterTest(() => jest.useRealTimers());
    const { ws, peer } = await facing({ keepAlive: QUICK });
    const { errors } = lifeOf(ws);
    ws.once('readable', () => {});
    peer.send(text('unread'), text('unread too'));
    await once(ws, 'readable');
    for (let passed = 0; passed < 100; passed++) {
      jest.advanceTimersByTime(10);
      await turn();
    }
    expect(errors).toEqual([]);
    expect(peer.frames).toEqual([]);
    expect(await next(ws)).toBe('unread');
  });

  test('off, nothing is sent', async () => {
    const { ws, peer } = await facing({ keepAlive: false });
    ws.write('only this');
    await peer.until(() => peer.frames.length === 1);
    expect(peer.frames.map(labelOf)).toEqual([labelOf(text('only this'))]);
  });
});
