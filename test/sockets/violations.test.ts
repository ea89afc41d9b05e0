/** Bad frames from the network: one error that explains, one close code on the wire, nothing thrown (RFC 6455 §7.1.7). */

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { MessageStream } from '../../src/duplex/message-stream.js';
import { LimitError, ProtocolError, VIOLATIONS } from '../../src/errors.js';
import { text } from '../support/frames.js';
import { PROVOCATIONS, PROVOKED_LIMITS } from '../support/provocations.js';
import { turn } from '../support/streams.js';
import { facing, lifeOf, serving } from '../support/web-sockets.js';
import { byteByByte, hex } from '../support/wire.js';

const titled = PROVOCATIONS.map(
  (row) => [`${row.name} to a ${row.role}: ${row.wire.toString('hex').slice(0, 40)}`, row] as const,
);

describe.each(['message', 'stream', 'bytes'] as const)('read as %s', (readAs) => {
  test.each(titled)('%s', async (_, { name, role, wire }) => {
    const { ws, peer } = await facing({ ...PROVOKED_LIMITS, role, readAs });
    const { over, errors, events } = lifeOf(ws);
    ws.on('data', (item) => item instanceof MessageStream && item.resume());
    peer.send(wire, wire);
    const { close } = VIOLATIONS[name];
    expect(await peer.closed()).toEqual({ code: close, reason: expect.stringContaining(VIOLATIONS[name].says) });
    const info = await over;
    expect(info).toEqual({ code: close, reason: info.sent?.reason, sent: { code: close, reason: expect.any(String) } });
    expect(errors).toHaveLength(1);
    const [error] = errors;
    expect(error).toBeInstanceOf(VIOLATIONS[name].fault === 'limit' ? LimitError : ProtocolError);
    expect(error).toMatchObject({
      code: `ERR_WS_${name}`,
      closeCode: close,
      facts: { offset: expect.any(Number), frame: expect.any(Number) },
    });
    expect(events).toEqual(['error', 'close']);
    peer.socket.end();
    await peer.ended();
    expect(peer.frames.map(({ opcode }) => opcode).filter((opcode) => opcode !== 10)).toEqual([8]);
    expect(peer.frames.at(-1)?.opcode).toBe(8);
  });
});

test.each(titled)('the first byte that proves it is enough: %s', async (_, { name, role, wire, proof }) => {
  const { ws, peer } = await facing({ ...PROVOKED_LIMITS, role });
  const { over, errors } = lifeOf(ws.resume());
  const bytes = byteByByte(wire);
  for (const byte of bytes.slice(0, proof)) {
    peer.send(byte);
    await turn();
  }
  expect(errors).toEqual([]);
  peer.send(...bytes.slice(proof, proof + 1));
  await over;
  expect(errors).toMatchObject([{ code: `ERR_WS_${name}` }]);
});

test('the peer reads the close code although it is still sending', async () => {
  const { ws, peer } = await facing();
  peer.send(hex`83 80 00000000`, Buffer.alloc(4 << 20));
  ws.resume();
  expect(await peer.closed()).toMatchObject({ code: 1002 });
  peer.socket.end();
  await peer.ended();
});

test('messages before the bad frame are read, and the error names offset and frame of the bad one', async () => {
  const { ws, peer } = await facing();
  const { errors, over } = lifeOf(ws);
  const got: unknown[] = [];
  ws.on('data', (message) => got.push(message));
  peer.send(text('one'), text('two'), hex`83 80 00000000`);
  await over;
  expect(got).toEqual(['one', 'two']);
  expect(errors).toMatchObject([{ facts: { offset: 18, frame: 2, opcode: 3 } }]);
});

test('a server without a listener for errors goes on and logs nothing', async () => {
  const logs: unknown[] = [];
  const spies = (['log', 'error', 'warn', 'info'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation((...all) => void logs.push(all)),
  );
  const { server, port } = await serving({}, (ws) => void ws.resume());
  const attack = async (wire: Buffer) => {
    const socket = connectTcp(port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    socket.write(
      `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    socket.end(wire);
    await once(socket, 'close');
  };
  await Promise.all(PROVOCATIONS.map(({ wire }) => attack(wire)));
  while (server.connections.size > 0) await turn();
  for (const spy of spies) spy.mockRestore();
  expect(logs).toEqual([]);
});
