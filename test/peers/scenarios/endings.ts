/** Every way to end a connection: closing handshakes (RFC 6455 §7), cut connections, limits, violations. */
import type { Scenario } from '../support/scenario.js';
import type { Meeting } from '../support/stage.js';

/** The longest reason: a control frame has 125 bytes, the code takes two. */
const LONG_REASON = `${'€'.repeat(40)}end`;

const CLOSES = [
  { code: 1000, reason: '' },
  { code: 1000, reason: 'done' },
  { code: 4001, reason: 'bye €' },
  { code: 3000, reason: LONG_REASON },
];

/** What each side knows at the end of a connection. */
async function ending({ ws, next }: Meeting) {
  ws.resume();
  const [info, theirs] = await Promise.all([ws.closed, next('close')]);
  return { info, theirs, error: ws.errored as { code?: string } | null };
}

const CLOSING: readonly Scenario[] = [
  ...CLOSES.map(
    ({ code, reason }): Scenario => ({
      shows: 'closing',
      name: `we close with ${code} and a reason of ${Buffer.byteLength(reason)} bytes`,
      async run(stage) {
        const meeting = await stage.meet();
        meeting.ws.close(code, reason);
        const { info, theirs, error } = await ending(meeting);
        expect(info).toMatchObject({ sent: { code, reason }, received: {} });
        expect(theirs).toMatchObject(reason === '' ? { code } : { code, reason });
        expect(error).toBeNull();
      },
    }),
  ),
  ...CLOSES.map(
    ({ code, reason }): Scenario => ({
      shows: 'closing',
      name: `it closes with ${code} and a reason of ${Buffer.byteLength(reason)} bytes`,
      async run(stage) {
        const meeting = await stage.meet();
        meeting.tell({ order: 'close', code, reason });
        const { info, theirs, error } = await ending(meeting);
        expect(info).toMatchObject({ code, reason, received: { code, reason }, sent: { code } });
        // Not every API tells a program with what it has closed.
        expect([code, null]).toContain(theirs.code);
        expect(error?.code).toBe(code === 1000 ? undefined : 'ERR_WS_PEER_CLOSED');
      },
    }),
  ),
  {
    shows: 'closing',
    name: 'it closes without a code',
    needs: 'a close without a code',
    async run(stage) {
      const meeting = await stage.meet();
      meeting.tell({ order: 'close' });
      const { info, error } = await ending(meeting);
      expect(info).toMatchObject({ code: 1005, reason: '', received: { code: 1005 } });
      expect(error).toBeNull();
    },
  },
  {
    shows: 'closing',
    name: 'what was sent before a close arrives before it, both ways',
    async run(stage) {
      const meeting = await stage.meet();
      const { ws, send, tell, next } = meeting;
      ws.write('x'.repeat(300_000));
      expect(await next('message')).toMatchObject({ bytes: 300_000 });
      send('text', 'y'.repeat(300_000));
      tell({ order: 'close', code: 1000, reason: '' });
      expect(await ws.toArray()).toEqual(['y'.repeat(300_000)]);
      expect((await ending(meeting)).error).toBeNull();
    },
  },
];

const CUTS: readonly Scenario[] = [
  {
    shows: 'cut',
    name: 'it drops the connection: we have 1006 and an error',
    needs: 'a connection that is cut',
    async run(stage) {
      const { ws, tell } = await stage.meet();
      ws.resume();
      tell({ order: 'drop' });
      expect(await ws.closed).toEqual({ code: 1006, reason: '' });
      expect(ws.errored).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    },
  },
  {
    shows: 'cut',
    name: 'we drop the connection: it sees the end',
    async run(stage) {
      const { ws, next } = await stage.meet();
      ws.destroy();
      expect(await next('close')).toBeDefined();
    },
  },
];

const LIMITS: readonly Scenario[] = [
  {
    shows: 'limits',
    name: 'it passes our limit and is told 1009',
    async run(stage) {
      const meeting = await stage.meet({ ours: { maxMessageBytes: 1_000 } });
      meeting.send('text', 'x'.repeat(1_001));
      const { info, theirs, error } = await ending(meeting);
      expect(error).toMatchObject({ code: 'ERR_WS_FRAME_TOO_BIG' });
      expect(info).toMatchObject({ sent: { code: 1009 } });
      expect(theirs.code).toBe(1009);
    },
  },
  {
    shows: 'limits',
    name: 'we pass its limit of 2 MiB and are told 1009, or cut off',
    needs: 'a limit',
    async run(stage) {
      const { ws } = await stage.meet();
      ws.resume();
      ws.write(Buffer.alloc(3 * 1024 * 1024));
      const closed = await ws.close();
      // A peer that closes with bytes unread makes TCP send a reset, which may overtake its close frame.
      const isOvertaken = closed.received === undefined;
      expect(closed).toMatchObject(isOvertaken ? { code: 1006 } : { code: 1009, received: { code: 1009 } });
      expect(ws.errored).toMatchObject({ code: isOvertaken ? 'ERR_WS_CUT_OFF' : 'ERR_WS_PEER_CLOSED' });
    },
  },
];

const VIOLATIONS: readonly Scenario[] = [
  {
    shows: 'violation',
    name: 'its violation is found and named, and it is told',
    needs: 'a violation',
    async run(stage, { violation }) {
      const meeting = await stage.meet();
      meeting.tell({ order: 'violate' });
      const { info, error } = await ending(meeting);
      expect(error?.code).toBe(violation?.code);
      expect(info).toMatchObject({ sent: { code: violation?.closeCode } });
    },
  },
];

export const ENDINGS: readonly Scenario[] = [...CLOSING, ...CUTS, ...LIMITS, ...VIOLATIONS];
