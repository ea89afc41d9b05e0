/** Threats, "Frame parser and memory" and "Encoder, control frames, lifecycle", through WebSocketDuplex on each transport. */
import { UsageError, VIOLATIONS } from '../../src/errors.js';
import { text } from '../support/frames.js';
import { PROVOCATIONS, PROVOKED_LIMITS } from '../support/provocations.js';
import { TLS_TRANSPORT } from '../support/tls-transport.js';
import { facing, lifeOf, next, TRANSPORTS } from '../support/web-sockets.js';
import { byteByByte } from '../support/wire.js';

const titled = PROVOCATIONS.map(
  (row) => [`${row.name} to a ${row.role}: ${row.wire.toString('hex').slice(0, 40)}`, row] as const,
);

describe.each([...TRANSPORTS, TLS_TRANSPORT])('over $name', ({ open }) => {
  test.each(titled)('%s, byte by byte: its close code, one error, both sides of the story', async (_, row) => {
    const { name, role, wire } = row;
    const { ws, peer } = await facing({ ...PROVOKED_LIMITS, role, ends: await open() });
    const { over, errors } = lifeOf(ws.resume());
    for (const byte of byteByByte(wire)) peer.send(byte);
    const { close } = VIOLATIONS[name];
    expect(await peer.closed()).toMatchObject({ code: close });
    expect(await over).toMatchObject({ code: close, sent: { code: close } });
    expect(errors).toMatchObject([{ code: `ERR_WS_${name}` }]);
  });

  test.each(['client', 'server'] as const)(
    'what is no message, no reason and no payload leaves no byte of a %s',
    async (role) => {
      const { ws, peer } = await facing({ role, ends: await open() });
      for (const mistake of [1_000_000, -1, null, true, { length: 9 }, Symbol.iterator, new Date()]) {
        const wrong = mistake as never;
        expect(() => ws.write(wrong)).toThrow(UsageError);
        expect(() => ws.close(1000, wrong)).toThrow(UsageError);
        await expect(ws.ping(wrong)).rejects.toThrow(UsageError);
      }
      for (const code of [0, 999, 1004, 1006, 1015, 5000, 1000.5, Number.NaN])
        expect(() => ws.close(code)).toThrow(UsageError);
      ws.write('well');
      await peer.until(() => peer.frames.length > 0);
      expect(peer.frames).toMatchObject([text('well')]);
      peer.send(text('still open'));
      expect(await next(ws)).toBe('still open');
    },
  );
});
