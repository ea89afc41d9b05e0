/** The three ways to read, and messages that nobody finishes, over real sockets. */
import { once } from 'node:events';
import { MessageStream } from '../../src/duplex/message-stream.js';
import { binary, continuation, text } from '../support/frames.js';
import { collect } from '../support/streams.js';
import { both, facing, lifeOf, next } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';

const BYTES = hex`00 01 7f 80 fe ff 55 aa`;

describe('reading', () => {
  const FRAGMENTED = [
    text(Buffer.from('Gr\u00fc').subarray(0, 3), false),
    continuation(hex`bc 73`, false),
    continuation(''),
  ];

  test("'message': strings and Buffers, fragments joined", async () => {
    const { ws, peer } = await facing();
    peer.send(...FRAGMENTED, binary(BYTES), text(''), binary(''));
    peer.sendClose(1000);
    expect(await collect(ws)).toEqual(['Grüs', Buffer.from(BYTES), '', Buffer.alloc(0)]);
  });

  test("'stream': a message is there before its last byte is", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    peer.send(text('begun', false));
    const message = (await next(ws)) as MessageStream;
    expect(message).toBeInstanceOf(MessageStream);
    expect(message.type).toBe('text');
    expect(String(await next(message as never))).toBe('begun');
    peer.send(continuation(', ended'));
    expect(await message.text()).toBe(', ended');
  });

  test("'stream': text, json and bytes", async () => {
    const { client, server } = await both({ server: { readAs: 'stream' } });
    client.write('{"a":1}');
    client.write('Grüße');
    client.write(BYTES);
    client.end();
    const read = [];
    for await (const message of server as AsyncIterable<MessageStream>) {
      read.push(message.type, await (read.length === 0 ? message.json() : message.bytes()));
    }
    expect(read).toEqual(['text', { a: 1 }, 'text', Buffer.from('Grüße'), 'binary', Buffer.from(BYTES)]);
  });

  test("'stream': what is echoed keeps its type", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    ws.pipe(ws);
    peer.send(text('Grüße'), binary(BYTES), text(''));
    peer.sendClose(1000);
    await peer.closed();
    const types = peer.frames.filter(({ opcode }) => opcode === 1 || opcode === 2).map(({ opcode }) => opcode);
    expect(types).toEqual([1, 2, 1]);
    const payload = Buffer.concat(peer.frames.slice(0, -1).map((frame) => frame.payload));
    expect(payload).toEqual(Buffer.concat([Buffer.from('Grüße'), BYTES]));
  });

  test("'bytes': boundaries dissolve", async () => {
    const { ws, peer } = await facing({ readAs: 'bytes' });
    peer.send(...FRAGMENTED, binary(BYTES), text(''));
    peer.sendClose(1000);
    expect(Buffer.concat(await collect<Buffer>(ws))).toEqual(Buffer.concat([Buffer.from('Grüs'), BYTES]));
  });

  test('a message that is cut off fails its stream, and the socket', async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const { errors } = lifeOf(ws);
    peer.send(text('begun', false));
    const message = (await next(ws)) as MessageStream;
    const whole = message.text();
    peer.socket.end();
    await expect(whole).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF' }]);
  });

  test('text that turns bad in the middle of a frame fails at that byte, with 1007', async () => {
    for (const readAs of ['message', 'stream', 'bytes'] as const) {
      const { ws, peer } = await facing({ readAs });
      const { over, errors } = lifeOf(ws.resume());
      peer.send(hex`01 fe 03e8 00000000 48 ff`);
      expect(await peer.closed()).toMatchObject({ code: 1007 });
      expect(await over).toMatchObject({ code: 1007, sent: { code: 1007 } });
      expect(errors).toMatchObject([{ code: 'ERR_WS_INVALID_UTF8', facts: { byte: 1, offset: 0, frame: 0 } }]);
    }
  });
});

describe('an abandoned message', () => {
  async function* messagesOf(ws: AsyncIterable<unknown>): AsyncGenerator<MessageStream> {
    for await (const message of ws) yield message as MessageStream;
  }

  test("'drain', the default: its rest is skipped and the next message comes", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const messages = messagesOf(ws);
    peer.send(binary('begun', false));
    const first = (await messages.next()).value as MessageStream;
    first.destroy();
    peer.send(continuation(Buffer.alloc(300_000), false), continuation('end'), text('next'));
    const second = (await messages.next()).value as MessageStream;
    expect(await second.text()).toBe('next');
  });

  test("'drain': a rest that was held up by the reader goes on as well", async () => {
    const { ws, peer } = await facing({ readAs: 'stream' });
    const messages = messagesOf(ws);
    peer.send(binary(Buffer.alloc(900_000)), text('next'));
    const first = (await messages.next()).value as MessageStream;
    await once(first, 'readable');
    first.destroy();
    const second = (await messages.next()).value as MessageStream;
    expect(await second.text()).toBe('next');
  });

  test("'fail': the peer is told 1011, the error has a name", async () => {
    const { ws, peer } = await facing({ readAs: 'stream', abandoned: 'fail' });
    const { over, errors } = lifeOf(ws);
    peer.send(binary('begun', false));
    ((await next(ws)) as MessageStream).destroy();
    expect(await peer.closed()).toMatchObject({ code: 1011 });
    expect(await over).toMatchObject({ code: 1011 });
    expect(errors).toMatchObject([{ code: 'ERR_WS_ABANDONED', closeCode: 1011 }]);
  });

  test("'fail': a message that was read to its end may be destroyed", async () => {
    const { ws, peer } = await facing({ readAs: 'stream', abandoned: 'fail' });
    peer.send(text('whole'), text('next'));
    const messages = messagesOf(ws);
    const first = (await messages.next()).value as MessageStream;
    expect(await first.text()).toBe('whole');
    first.destroy();
    expect(await ((await messages.next()).value as MessageStream).text()).toBe('next');
  });
});
