/** Messages of each kind and size, whole, in fragments, and with pings in between (RFC 6455 §5.4, §5.5.2, §5.6). */
import { seen } from '../support/puppet.js';
import type { Scenario } from '../support/scenario.js';
import type { Meeting } from '../support/stage.js';

/** Where the length of a frame changes its form, and what no single read of a socket holds. */
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 1_048_577];

/** Characters of one, two, three and four bytes. */
const WIDTHS = 'aé€😀';

/** Longer than the 4 KiB of the peers' buffers, so that characters are cut. */
const PARTS = ['a'.repeat(5_001), WIDTHS.repeat(700), '', '€'.repeat(2_000), 'the end'];

const textOf = (bytes: number) => WIDTHS.repeat(Math.floor(bytes / 10)) + 'x'.repeat(bytes % 10);
const bytesOf = (bytes: number) => Buffer.alloc(bytes).map((_, at) => (at * 7919) >> 3) as Buffer;

const KINDS = [
  { type: 'text', payloads: SIZES.map(textOf) },
  { type: 'binary', payloads: SIZES.map(bytesOf) },
] as const;

async function exchange({ ws, send, next }: Meeting, type: 'text' | 'binary', payloads: readonly (string | Buffer)[]) {
  const messages = ws.iterator();
  for (const payload of payloads) {
    ws.write(payload);
    expect(await next('message')).toMatchObject(seen(type, payload));
    send(type, payload);
    const { value } = await messages.next();
    expect(typeof value).toBe(type === 'text' ? 'string' : 'object');
    expect(seen(type, value)).toEqual(seen(type, payload));
  }
}

const SIZED: readonly Scenario[] = KINDS.map(({ type, payloads }) => ({
  shows: 'messages',
  name: `${type} of ${SIZES.join(', ')} bytes, both ways`,
  async run(stage) {
    await exchange(await stage.meet(), type, payloads);
  },
}));

/** One message of ours in parts, a ping after each. */
async function* parts(ws: Meeting['ws'], trips: Promise<number>[]) {
  for (const part of PARTS) {
    yield part;
    trips.push(ws.ping(part.slice(0, 9)));
    await trips.at(-1);
  }
}

const FRAGMENTS: readonly Scenario[] = [
  {
    shows: 'fragments',
    name: 'it joins our fragments, and answers the pings between them',
    async run(stage) {
      const { ws, next } = await stage.meet();
      const trips: Promise<number>[] = [];
      ws.resume();
      ws.write(parts(ws, trips));
      expect(await next('message')).toMatchObject(seen('text', PARTS.join('')));
      expect(await Promise.all(trips)).toHaveLength(PARTS.length);
      expect(ws.stats.framesSent - trips.length).toBeGreaterThan(PARTS.length - 2);
    },
  },
  {
    shows: 'fragments',
    name: 'we join its fragments',
    needs: 'fragments',
    async run(stage) {
      const { ws, tell } = await stage.meet();
      tell({ order: 'fragments', parts: PARTS.map((part) => Buffer.from(part).toString('base64')) });
      expect((await ws.iterator().next()).value).toBe(PARTS.join(''));
      expect(ws.stats.framesReceived).toBeGreaterThan(1);
    },
  },
];

const PINGS: readonly Scenario[] = [
  {
    shows: 'pings',
    name: 'it answers our pings of 0 and 125 bytes',
    async run(stage) {
      const { ws } = await stage.meet();
      ws.resume();
      for (const size of [0, 125]) expect(await ws.ping('p'.repeat(size))).toBeGreaterThan(0);
    },
  },
  {
    shows: 'pings',
    name: 'we answer its pings of 1 and 125 bytes',
    needs: 'pings',
    async run(stage) {
      const { ws, tell, next } = await stage.meet();
      ws.resume();
      for (const payload of ['p', '1'.repeat(125)]) {
        const base64 = Buffer.from(payload).toString('base64');
        tell({ order: 'ping', base64 });
        expect(await next('pong')).toMatchObject({ base64 });
      }
    },
  },
];

const JSON_TEXT = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, name: `user ${id}` })));

const COMPRESSION: readonly Scenario[] = [
  {
    shows: 'compression',
    name: 'compressed both ways, with what the messages before have taught',
    needs: 'compression',
    async run(stage) {
      const meeting = await stage.meet({ ours: { deflate: { threshold: 0 } }, compress: true });
      expect(meeting.ws.extensions).toMatchObject([{ name: 'permessage-deflate' }]);
      await exchange(meeting, 'text', [JSON_TEXT, JSON_TEXT, '', WIDTHS.repeat(100_000), JSON_TEXT]);
      expect(meeting.ws.stats.bytesSent).toBeLessThan(20_000);
    },
  },
  {
    shows: 'compression',
    name: 'plain when the peer cannot',
    async run(stage, peer) {
      const meeting = await stage.meet({ ours: { deflate: true } });
      const negotiated = stage.role === 'server' && !peer.lacks.includes('compression');
      if (!negotiated && stage.role === 'server') expect(meeting.ws.extensions).toEqual([]);
      await exchange(meeting, 'text', [JSON_TEXT, JSON_TEXT]);
    },
  },
];

export const MESSAGES: readonly Scenario[] = [...SIZED, ...FRAGMENTS, ...PINGS, ...COMPRESSION];
