/** What compressed messages look like on the wire, and that the peer's window always fits (RFC 7692 §7.2.1). */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { MessageOptions, WritableMessage } from '../../src/duplex/outgoing.js';
import { prepare } from '../../src/duplex/prepared-message.js';
import { AGREED, AGREED_NO_TAKEOVER, type ReadMessage, readMessages } from '../support/deflate.js';
import { collect, turns } from '../support/streams.js';
import { both, connected, facing, serving } from '../support/web-sockets.js';

const KIB = 1024;
const JSON_TEXT = JSON.stringify(
  Array.from({ length: 20 }, (_, id) => ({ id, user: `u${id}`, side: 'buy', ok: true })),
);
const LONG = Buffer.from(JSON_TEXT.repeat(100));

/** A message by its digest: jest takes seconds to compare long Buffers. */
const digest = (type: string, payload: Uint8Array | string, compressed: boolean) =>
  `${type} ${compressed ? 'compressed ' : ''}${createHash('sha256').update(payload).digest('hex')}`;

const digests = (messages: readonly ReadMessage[]) =>
  messages.map(({ type, payload, compressed }) => digest(type, payload, compressed));

async function* pieces<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await turns(1);
    yield item;
  }
}

const KINDS: readonly (readonly [string, () => WritableMessage, 'text' | 'binary', Buffer])[] = [
  ['a string', () => JSON_TEXT, 'text', Buffer.from(JSON_TEXT)],
  ['a long string', () => LONG.toString(), 'text', LONG],
  ['a string with characters of every width', () => 'aé€😀'.repeat(100), 'text', Buffer.from('aé€😀'.repeat(100))],
  ['a Buffer', () => Buffer.from(JSON_TEXT), 'binary', Buffer.from(JSON_TEXT)],
  ['a long Buffer', () => LONG, 'binary', LONG],
  ['an ArrayBuffer', () => Uint8Array.from(LONG).buffer, 'binary', LONG],
  ['a view of a part', () => new Uint8Array(Uint8Array.from(LONG).buffer, 9, 999), 'binary', LONG.subarray(9, 1008)],
  ['a prepared text', () => prepare(JSON_TEXT), 'text', Buffer.from(JSON_TEXT)],
  ['long prepared bytes', () => prepare(LONG), 'binary', LONG],
  ['a Readable of Buffers', () => Readable.from([LONG, LONG]), 'binary', Buffer.concat([LONG, LONG])],
  ['an async iterable', () => pieces('one', '', 'two'), 'text', Buffer.from('onetwo')],
  ['a sync iterable', () => [JSON_TEXT, JSON_TEXT], 'text', Buffer.from(JSON_TEXT.repeat(2))],
  ['pieces of nothing', () => pieces('', ''), 'text', Buffer.alloc(0)],
  ['noise in pieces', () => [randomBytes(0), Buffer.alloc(300, 7)], 'binary', Buffer.alloc(300, 7)],
];

describe.each(['server', 'client'] as const)('a %s', (role) => {
  describe.each([
    ['with takeover', AGREED, true],
    ['without', AGREED_NO_TAKEOVER, false],
  ] as const)('%s', (_, extensions, takeover) => {
    /** What the peer reads of messages that were written one after the other. */
    async function heard(...messages: readonly (readonly [WritableMessage, MessageOptions?])[]) {
      const { ws, peer } = await facing({ role, deflate: true, agreement: { extensions } });
      for (const [message, options = {}] of messages) ws.write(message, options);
      ws.end();
      await peer.closed();
      return { read: readMessages(peer.frames, takeover), frames: peer.frames };
    }

    test.each(KINDS)('%s, between two ordinary messages', async (_name, make, type, payload) => {
      const text = digest('text', JSON_TEXT, true);
      const { read, frames } = await heard([JSON_TEXT], [make()], [JSON_TEXT]);
      expect(digests(read)).toEqual([text, digest(type, payload, true), text]);
      const marked = frames.filter(({ rsv1 }) => rsv1);
      expect(marked).toHaveLength(3);
      expect(marked.filter(({ opcode }) => opcode === 0 || opcode >= 8)).toEqual([]);
    });

    test('all of them in a row, and in reverse', async () => {
      for (const kinds of [KINDS, KINDS.toReversed()]) {
        const { read } = await heard(...kinds.map(([, make]) => [make()] as const));
        expect(digests(read)).toEqual(kinds.map(([, , type, payload]) => digest(type, payload, true)));
      }
    });

    test('a word for one message: off over the threshold, on under it', async () => {
      const short = 'aaaaaaaaaaaaaaaaaaaa';
      const { read } = await heard(
        [JSON_TEXT, { compress: false }],
        [LONG, { compress: false }],
        [pieces(JSON_TEXT), { compress: false }],
        [prepare(JSON_TEXT), { compress: false }],
        [prepare(JSON_TEXT, { compress: false })],
        [short],
        [short, { compress: true }],
        [JSON_TEXT],
      );
      const compressed = [false, false, false, false, false, false, true, true];
      expect(read.map((message) => message.compressed)).toEqual(compressed);
      expect(read.map(({ payload }) => String(payload).slice(0, 9))).toEqual(
        [JSON_TEXT, LONG, JSON_TEXT, JSON_TEXT, JSON_TEXT, short, short, JSON_TEXT].map((it) => String(it).slice(0, 9)),
      );
    });

    test('what is empty or does not become smaller goes out without RSV1, and spoils nothing', async () => {
      const [noise, much] = [randomBytes(600), randomBytes(200 * KIB)];
      const { frames, read } = await heard(
        [JSON_TEXT],
        ['', { compress: true }],
        [Buffer.alloc(0), { compress: true }],
        [noise],
        [much],
        [prepare(noise)],
        [prepare(much)],
        [JSON_TEXT],
      );
      expect(frames.map(({ rsv1 }) => rsv1)).toEqual([true, false, false, false, false, false, false, true, false]);
      expect(read.map(({ payload }) => payload.length)).toEqual(
        [JSON_TEXT, '', '', noise, much, noise, much, JSON_TEXT].map(({ length }) => length),
      );
    });
  });
});

test('with takeover a message that was seen before costs next to nothing, without it costs the same again', async () => {
  for (const [extensions, ratio] of [
    [AGREED, 0.2],
    [AGREED_NO_TAKEOVER, 1],
  ] as const) {
    const { ws, peer } = await facing({ deflate: true, agreement: { extensions } });
    for (let i = 0; i < 2; i++) ws.write(JSON_TEXT);
    ws.end();
    await peer.closed();
    const [first = 0, second = 0] = peer.frames.map(({ payload }) => payload.length);
    expect(second).toBeLessThanOrEqual(first * ratio);
  }
});

test('a prepared message goes to sockets of every kind, between ordinary ones, and all can read all of it', async () => {
  const message = prepare(JSON_TEXT);
  const long = prepare(LONG);
  const { url } = await serving({ deflate: { threshold: 0 } }, (ws) => {
    for (const one of ['before', message, 'between', long, message, 'after', JSON_TEXT]) ws.write(one);
    ws.end();
  });
  const expected = ['before', JSON_TEXT, 'between', LONG, JSON_TEXT, 'after', JSON_TEXT].map((one) =>
    digest(typeof one, one, false),
  );
  const wishes = [
    true,
    false,
    { serverNoContextTakeover: true },
    { clientNoContextTakeover: true },
    { serverMaxWindowBits: 8 },
    { serverMaxWindowBits: 15 },
  ];
  const read = await Promise.all(
    [...wishes, ...wishes].map((deflate) => collect<string | Buffer>(connected(url, { deflate }))),
  );
  for (const one of read) expect(one.map((it) => digest(typeof it, it, false))).toEqual(expected);
});

test('createServer and connect agree: every kind of message, echoed', async () => {
  const { url } = await serving({ deflate: true }, (ws) => ws.pipe(ws));
  for (const deflate of [true, { serverNoContextTakeover: true, clientNoContextTakeover: true }]) {
    const ws = connected(url, { deflate });
    for (const [, make] of KINDS) ws.write(make());
    ws.end();
    expect(ws.extensions).toEqual([]);
    const read = await collect<string | Buffer>(ws);
    expect(read.map((one) => digest(typeof one === 'string' ? 'text' : 'binary', one, false))).toEqual(
      KINDS.map(([, , type, payload]) => digest(type, payload, false)),
    );
    expect(ws.extensions).toHaveLength(1);
  }
});

test('a message that is under way counts as buffered until it has left', async () => {
  const { client, server } = await both({
    client: { deflate: true, agreement: { extensions: AGREED }, maxBufferedBytes: 64 * KIB },
    server: { deflate: true, agreement: { extensions: AGREED } },
  });
  server.resume();
  const gone = new Promise((resolve) => client.write(LONG, resolve as () => void));
  expect(client.bufferedBytes).toBeGreaterThanOrEqual(LONG.length);
  expect(client.write('x')).toBe(false);
  await gone;
  expect(client.bufferedBytes).toBeLessThan(LONG.length);
});
