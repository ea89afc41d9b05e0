/** RFC 6455 §5.5.1 and §7: close frames, their codes, what follows them. */
import type { Role } from '../../src/codec/frame.js';
import { close, frameOf, labelOf, ping, text } from '../support/frames.js';
import { lifeOf } from '../support/web-sockets.js';
import { hex } from '../support/wire.js';
import { meet, ROLES, type Row, testRows, to } from './support/meeting.js';

const LEGAL = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const ILLEGAL = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

const ROWS: readonly Row[] = [
  ...ILLEGAL.map((code) => ({
    title: `§7.4 a close frame with the code ${code} is a violation`,
    sends: (role: Role) => [to(role, close(code))],
    close: 1002,
  })),
  {
    title: '§5.5.1 a close frame of one byte is a violation, which its second byte proves',
    sends: (role) => [to(role, frameOf(8, hex`03`), 2)],
    close: 1002,
  },
  {
    title: '§5.5.1 a close frame in the middle of a fragmented message is answered',
    sends: (role) => [to(role, text('unfinished', false))],
  },
];

testRows(ROWS);

describe.each(ROLES)('as %s', (role) => {
  test.each(LEGAL)('§7.4 the code %i of a close frame is answered with itself, and reported', async (code) => {
    const { ws, peer } = await meet(role);
    const { over } = lifeOf(ws.resume());
    peer.sendClose(code, 'why');
    expect(await peer.closed()).toEqual({ code, reason: '' });
    peer.socket.end();
    expect(await over).toMatchObject({ code, reason: 'why', received: { code, reason: 'why' } });
  });

  test('§7.1.5 a close frame without a code is reported as 1005', async () => {
    const { ws, peer } = await meet(role);
    const { over } = lifeOf(ws.resume());
    peer.sendClose();
    expect(await peer.closed()).toEqual({ code: null, reason: '' });
    peer.socket.end();
    expect(await over).toMatchObject({ code: 1005, reason: '' });
  });

  test('§7.1.5 an end without a close frame is reported as 1006, and is an error', async () => {
    const { ws, peer } = await meet(role);
    const { over, errors, events } = lifeOf(ws.resume());
    peer.socket.end();
    expect(await over).toMatchObject({ code: 1006 });
    expect(errors).toMatchObject([{ code: 'ERR_WS_CUT_OFF' }]);
    expect(events).not.toContain('end');
  });

  test('§7.1.2 close sends a close frame with code and reason, after what was written', async () => {
    const { ws, peer } = await meet(role);
    ws.write('last words');
    const closed = ws.close(4321, 'grün');
    await peer.closed();
    expect(peer.frames.map(labelOf)).toEqual([text('last words'), close(4321, 'grün')].map(labelOf));
    peer.sendClose(4321);
    peer.socket.end();
    expect(await closed).toMatchObject({ code: 4321, sent: { code: 4321, reason: 'grün' } });
  });

  test('§5.5.1 nothing is sent after our close frame', async () => {
    const { ws, peer } = await meet(role);
    ws.close(1000);
    await peer.closed();
    peer.send(ping('late'), text('late'));
    peer.sendClose(1000);
    await lifeOf(ws.resume()).over;
    peer.socket.end();
    await peer.ended();
    expect(peer.frames.map(labelOf)).toEqual([labelOf(close(1000))]);
  });

  test.each([1006, 1015, 1004, 999, 5000])(
    '§7.4.1 the code %i is never sent: it is the caller’s mistake',
    async (code) => {
      const { ws, peer } = await meet(role);
      expect(() => ws.close(code)).toThrow(expect.objectContaining({ code: 'ERR_WS_USAGE' }));
      expect(peer.frames).toEqual([]);
    },
  );

  test('§7.4.1 the code 1005 is not put on the wire: the close frame is empty', async () => {
    const { ws, peer } = await meet(role);
    ws.close(1005);
    expect(await peer.closed()).toEqual({ code: null, reason: '' });
  });

  test('§7.1.7 after a violation nothing more is processed, and the connection is closed', async () => {
    const { ws, peer } = await meet(role);
    const { over, errors } = lifeOf(ws);
    const read: unknown[] = [];
    ws.on('data', (message) => read.push(message));
    peer.send(text('good'), to(role, frameOf(3)), text('bad'), ping('bad'));
    peer.sendClose(1000);
    expect(await peer.closed()).toMatchObject({ code: 1002, reason: expect.stringContaining('reserved opcode') });
    peer.socket.end();
    await over;
    await peer.ended();
    expect([read, errors.length, peer.frames.length]).toEqual([['good'], 1, 1]);
  });
});

test('§7.1.1 the server ends the TCP connection first, at once', async () => {
  const { ws, peer } = await meet('server');
  ws.resume();
  peer.sendClose(1000);
  await peer.ended();
  expect(peer.closeFrame?.code).toBe(1000);
});

test('§7.1.1 the client waits for the server to end the TCP connection', async () => {
  const { ws, peer } = await meet('client', { closeTimeoutMs: Infinity });
  const { over } = lifeOf(ws.resume());
  peer.sendClose(1000);
  await peer.closed();
  expect(peer.hasEnded).toBe(false);
  peer.socket.end();
  expect(await over).toMatchObject({ code: 1000 });
});
