/** RFC 6455 §5.1, §5.3, §6.1, §10.3: what we send. */
import { readWire, text } from '../support/frames.js';
import { lifeOf } from '../support/web-sockets.js';
import { meet, ROLES } from './support/meeting.js';

describe.each(ROLES)('as %s', (role) => {
  test('§6.1 text and binary have their opcode and FIN, in frames that are masked by a client only', async () => {
    const { ws, peer } = await meet(role);
    ws.write('text');
    ws.write(Buffer.from([1, 2]));
    await peer.until(() => peer.frames.length === 2);
    const read = readWire(peer.bytes);
    expect(read.map(({ frame }) => [frame.opcode, frame.fin, frame.payload.toString('latin1')])).toEqual([
      [1, true, 'text'],
      [2, true, '\u0001\u0002'],
    ]);
    expect(read.every(({ key }) => (key !== null) === (role === 'client'))).toBe(true);
  });

  test('§5.2 lengths are in their shortest form, reserved bits clear', async () => {
    const { ws, peer } = await meet(role);
    const sizes = [0, 125, 126, 65_535, 65_536];
    for (const size of sizes) ws.write(Buffer.alloc(size));
    await peer.until(() => peer.frames.length === sizes.length);
    const read = readWire(peer.bytes);
    expect(read.map(({ lengthBytes, frame }) => [frame.payload.length, lengthBytes])).toEqual([
      [0, 0],
      [125, 0],
      [126, 2],
      [65_535, 2],
      [65_536, 8],
    ]);
    expect(read.some(({ frame }) => frame.rsv1 || frame.rsv2 || frame.rsv3)).toBe(false);
  });

  test('§5.4 a message of unknown length is sent as fragments, the control frames between them whole', async () => {
    const { ws, peer } = await meet(role);
    let go = () => {};
    const waits = new Promise<void>((resolve) => {
      go = resolve;
    });
    ws.resume();
    ws.write(
      (async function* pieces() {
        yield 'one ';
        await waits;
        yield 'two';
      })(),
    );
    await peer.until(() => peer.frames.length > 0);
    peer.send({ ...text('p'), opcode: 9 });
    await peer.until(() => peer.frames.some(({ opcode }) => opcode === 10));
    go();
    await peer.until(() => peer.frames.at(-1)?.fin === true && peer.frames.at(-1)?.opcode === 0);
    const data = peer.frames.filter(({ opcode }) => opcode < 8);
    expect(data.map(({ opcode }) => opcode)).toEqual(data.map((_, at) => (at === 0 ? 1 : 0)));
    expect(data.map(({ fin }) => fin)).toEqual(data.map((_, at) => at === data.length - 1));
    expect(Buffer.concat(data.map(({ payload }) => payload)).toString()).toBe('one two');
  });
});

test('§5.3 every frame of a client has a masking key of its own, control frames too', async () => {
  const { ws, peer } = await meet('client');
  const { over } = lifeOf(ws.resume());
  for (let i = 0; i < 200; i++) ws.write('x');
  peer.send({ ...text('p'), opcode: 9 });
  ws.close();
  await peer.closed();
  const keys = readWire(peer.bytes).map(({ key }) => key);
  expect(keys.length).toBeGreaterThanOrEqual(201);
  expect(keys).not.toContain(null);
  expect(new Set(keys).size).toBe(keys.length);
  peer.sendClose(1000);
  peer.socket.end();
  await over;
});
