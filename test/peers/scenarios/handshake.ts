/** The opening handshake: subprotocols, extensions, refusals (RFC 6455 §4). Options are the defaults unless named. */
import type { Scenario } from '../support/scenario.js';
import type { Stage } from '../support/stage.js';

async function withoutSubprotocol(stage: Stage) {
  const { ws, opened } = await stage.meet({ subprotocols: ['superchat'] });
  expect([ws.subprotocol, opened.subprotocol]).toEqual([null, '']);
}

export const HANDSHAKE: readonly Scenario[] = [
  {
    shows: 'handshake',
    name: 'opens without subprotocol and extensions',
    async run(stage) {
      const { ws, opened } = await stage.meet();
      expect(opened).toMatchObject({ subprotocol: '' });
      expect([ws.subprotocol, ws.extensions]).toEqual([null, []]);
    },
  },
  {
    shows: 'handshake',
    name: 'agrees on the one subprotocol that both know',
    async run(stage) {
      const { ws, opened } = await stage.meet({ subprotocols: ['superchat', 'chat'] });
      expect([ws.subprotocol, opened.subprotocol]).toEqual(['chat', 'chat']);
    },
  },
  {
    shows: 'handshake',
    name: 'we go on when it chooses none of our subprotocols',
    role: 'server',
    run: withoutSubprotocol,
  },
  {
    shows: 'handshake',
    name: 'it goes on when we choose none of its subprotocols',
    role: 'client',
    needs: 'no subprotocol in common',
    run: withoutSubprotocol,
  },
  {
    shows: 'handshake',
    name: 'declines compression that the client offers',
    role: 'client',
    needs: 'compression',
    async run(stage) {
      const { ws, opened, send } = await stage.meet({ compress: true });
      expect([ws.extensions, opened.extensions]).toEqual([[], '']);
      send('text', 'plain');
      expect((await ws.iterator().next()).value).toBe('plain');
    },
  },
  {
    shows: 'refusal',
    name: 'its 403 is our HandshakeError',
    role: 'server',
    async run(stage) {
      expect(await stage.refused()).toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', status: 403 });
    },
  },
  {
    shows: 'refusal',
    name: 'a foreign origin gets our 403',
    role: 'client',
    needs: 'the status of a refusal',
    async run(stage) {
      expect(await stage.refuse()).toMatchObject({ event: 'refused', status: 403 });
    },
  },
  {
    shows: 'refusal',
    name: 'a foreign origin does not get in',
    role: 'client',
    async run(stage) {
      expect((await stage.refuse()).event).not.toBe('open');
    },
  },
];
