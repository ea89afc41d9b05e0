/** The closing handshake over real connections, seen from both ends (RFC 6455 §7.1). */
import { once } from 'node:events';
import { binary, continuation, labelOf, ping, text } from '../support/frames.js';
import { turns } from '../support/streams.js';
import { both, facing, lifeOf, TRANSPORTS } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

describe.each(TRANSPORTS)('over $name', ({ open }) => {
  test('our close: the peer answers, both codes are reported, and the stream ends and finishes', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, events } = lifeOf(ws);
    const closed = ws.close(4001, 'done');
    expect(await peer.closed()).toEqual({ code: 4001, reason: 'done' });
    peer.sendClose(4001);
    const said = { code: 4001, reason: '', sent: { code: 4001, reason: 'done' }, received: { code: 4001, reason: '' } };
    expect(await over).toEqual(said);
    expect(await closed).toEqual(said);
    expect(events.toSorted()).toEqual(['close', 'end', 'finish']);
    await peer.ended();
    peer.socket.end();
  });

  test('the peer’s close: it gets its own code back', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors } = lifeOf(ws);
    const frame = once(ws, 'close-frame');
    peer.sendClose(1001, 'bye');
    ws.resume();
    expect(await peer.closed()).toEqual({ code: 1001, reason: '' });
    expect(await frame).toEqual([{ code: 1001, reason: 'bye' }]);
    expect(await over).toMatchObject({ code: 1001, reason: 'bye', sent: { code: 1001 } });
    expect(errors).toEqual([]);
  });

  test('a close frame without a code is answered with one, and is clean', async () => {
    const { ws, peer } = await facing({ ends: await open(), role: 'client' });
    const { over, errors } = lifeOf(ws);
    peer.send(hex`88 00`);
    ws.resume();
    expect(await peer.closed()).toEqual({ code: null, reason: '' });
    peer.socket.end();
    expect(await over).toMatchObject({ code: 1005, received: { code: 1005, reason: '' } });
    expect(errors).toEqual([]);
  });

  test('both at once: nobody waits for a second answer', async () => {
    const { client, server } = await both({ ends: await open() });
    const lives = [lifeOf(client), lifeOf(server)];
    client.close(4000);
    server.close(4002);
    const [ours, theirs] = await Promise.all(lives.map(({ over }) => over));
    expect(ours).toMatchObject({ sent: { code: 4000 }, received: { code: 4002 } });
    expect(theirs).toMatchObject({ sent: { code: 4002 }, received: { code: 4000 } });
  });

  test('what was written before the close goes out before it', async () => {
    const { client, server } = await both({ ends: await open() });
    const messages = Array.from({ length: 500 }, (_, at) => `${at} ${'x'.repeat(4_000)}`);
    const got: string[] = [];
    client.on('data', (message: string) => got.push(message));
    for (const message of messages) server.write(message);
    const info = await server.close();
    expect(info).toMatchObject({ code: 1000, sent: { code: 1000 }, received: { code: 1000 } });
    expect(got).toEqual(messages);
  });

  test('FIN without a close frame is a cut-off stream: 1006, and no end', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors, events } = lifeOf(ws);
    ws.resume();
    peer.send(text('last'));
    peer.socket.end();
    expect(await over).toEqual({ code: 1006, reason: '' });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF', closeCode: 1006 }]);
    expect(events).toEqual(['error', 'close']);
  });

  test('a peer that closes its half after its close frame still gets what was queued, and our close', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over } = lifeOf(ws);
    ws.on('data', (message: string) => ws.write(`re: ${message}`));
    peer.send(text('question'));
    peer.sendClose(1000);
    peer.socket.end();
    await peer.ended();
    expect(peer.frames.map(labelOf)).toEqual([labelOf(text('re: question')), '8 03e8']);
    expect(await over).toMatchObject({ code: 1000 });
  });

  test('a slow reader gets all of a chunk that a close frame and a FIN end', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors } = lifeOf(ws);
    peer.send(text('a'), text('b'), text('c'), hex`88 82 00000000 03e8`);
    peer.socket.end();
    const got: unknown[] = [];
    for await (const message of ws) {
      got.push(message);
      await turns(5);
    }
    expect(got).toEqual(['a', 'b', 'c']);
    expect(await over).toMatchObject({ code: 1000 });
    expect(errors).toEqual([]);
  });

  test('a peer that never answers is cut off in time', async () => {
    const { ws, peer } = await facing({ ends: await open(), closeTimeoutMs: 20 });
    const { over, errors } = lifeOf(ws);
    ws.close(1000);
    expect(await over).toEqual({ code: 1006, reason: '', sent: { code: 1000, reason: '' } });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CLOSE_TIMEOUT', closeCode: 1006, facts: { closeTimeoutMs: 20 } }]);
    await peer.closed();
    expect(peer.frames.map(labelOf)).toEqual(['8 03e8']);
  });

  test.each([1002, 1007, 1009, 1011, 1003, 3000, 4999])('the peer’s %i is a failure, and is answered', async (code) => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors } = lifeOf(ws);
    ws.resume();
    peer.sendClose(code, 'your fault');
    expect(await peer.closed()).toEqual({ code, reason: '' });
    expect(await over).toMatchObject({ code, reason: 'your fault' });
    expect(errors).toMatchObject([{ code: 'ERR_WS_PEER_CLOSED', facts: { closeCode: code } }]);
  });

  test('the very code that we sent is no failure', async () => {
    const { client, server } = await both({ ends: await open() });
    const lives = [lifeOf(client), lifeOf(server)];
    client.close(4999);
    server.resume();
    const [info] = await Promise.all(lives.map(({ over }) => over));
    expect(info).toMatchObject({ sent: { code: 4999 }, received: { code: 4999 } });
    expect(lives[0]?.errors).toEqual([]);
    expect(lives[1]?.errors).toMatchObject([{ code: 'ERR_WS_PEER_CLOSED' }]);
  });

  test('destroy with an error tells the peer 1011, and nothing of the error', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors } = lifeOf(ws);
    ws.destroy(new Error('the password is swordfish'));
    expect(await peer.closed()).toEqual({ code: 1011, reason: '' });
    expect(await over).toEqual({ code: 1011, reason: '', sent: { code: 1011, reason: '' } });
    expect(errors).toHaveLength(1);
    await peer.ended();
  });

  test('a close waits for a message that is still being written', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    async function* slowly() {
      yield 'one ';
      await turns(5);
      yield 'two';
    }
    ws.write(slowly());
    const closed = ws.close();
    await peer.closed();
    peer.sendClose(1000);
    expect(peer.frames.map(labelOf)).toEqual([
      labelOf(text('one ', false)),
      labelOf(continuation('two', false)),
      labelOf(continuation('')),
      '8 03e8',
    ]);
    expect(await closed).toMatchObject({ code: 1000 });
  });

  test.each(['client', 'server'] as const)(
    'after a %s’s failure no piece of a message follows the close',
    async (role) => {
      const { ws, peer } = await facing({ ends: await open(), role });
      const { over } = lifeOf(ws);
      let goOn = () => {};
      const waited = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      ws.write(
        (async function* () {
          yield Buffer.from('begun');
          await waited;
          yield Buffer.from('too late');
        })(),
      );
      await peer.until(() => peer.frames.length === 1);
      peer.sendClose(1011);
      await over;
      goOn();
      await turns(5);
      peer.socket.end();
      await peer.ended();
      expect(peer.frames.map(labelOf)).toEqual([labelOf(binary('begun', false)), '8 03f3']);
    },
  );

  test('nothing is answered after our close, and no frame after the peer’s counts', async () => {
    const { ws, peer } = await facing({ ends: await open() });
    const { over, errors } = lifeOf(ws);
    ws.close();
    await peer.closed();
    peer.send(ping('hello?'), hex`88 82 00000000 03e8`, text('late'), hex`ff ff ff`);
    expect(await over).toMatchObject({ code: 1000 });
    await peer.ended();
    expect(peer.frames.map(labelOf)).toEqual(['8 03e8']);
    expect(errors).toEqual([]);
  });
});
