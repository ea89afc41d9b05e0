/**
 * Every way in which a connection between two processes can end, seen from both ends. Each end pipes in and out, so what
 * its pipelines say is what an app would get; and each process has to end by itself.
 */
import { BY_ITSELF, type Child, Children, ends } from './support/child.js';
import { MEBIBYTE } from './support/figures.js';

const children = new Children();
afterEach(() => children.end());

type Side = 'client' | 'server';
const SIDES = ['client', 'server'] as const;
const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');
const ENDS = SIDES.flatMap((side) => (['1.1', '2'] as const).map((http) => ({ side, http })));

/** A child for each end of a connection: one with `part` on `side`, one with `otherPart` on the other. */
function pair({ side, http }: (typeof ENDS)[number], part: string, otherPart: string): Promise<[Child, Child]> {
  return introduce(side, children.start('peer', { args: [side, http, part] }), http, otherPart);
}

/** The same with one that has no WebSocket. */
function rawPair(side: Side, part: string, otherPart: string): Promise<[Child, Child]> {
  return introduce(side, children.start('raw-peer', { args: [side, part] }), '1.1', otherPart);
}

async function introduce(side: Side, one: Child, http: string, otherPart: string): Promise<[Child, Child]> {
  const two = children.start('peer', { args: [other(side), http, otherPart] });
  const [server, client] = side === 'server' ? [one, two] : [two, one];
  client.tell('port', await server.heard('port'));
  return [one, two];
}

const ended = (child: Child) => child.heard<object>('ended');

describe.each(ENDS)('a clean close by the $side over HTTP/$http', (end) => {
  test.each(['close', 'end'])('%s(): both pipelines resolve, both processes end', async (part) => {
    const [closer, listener] = await pair(end, part, 'listen');
    closer.tell('act');
    const clean = { reading: null, closed: { code: 1000, sent: 1000, received: 1000 } };
    expect(await ended(closer)).toEqual(clean);
    expect(await ended(listener)).toEqual(clean);
    expect(await ends(closer, listener)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('with everything that was queued before: 64 MiB go out first', async () => {
    const [closer, reader] = await pair(end, 'close behind a queue', 'read late');
    expect(await closer.heard('queued')).toBeGreaterThan(17 * MEBIBYTE);
    reader.tell('act');
    expect(await ended(reader)).toMatchObject({ messages: 64, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await ended(closer)).toMatchObject({ reading: null, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await ends(closer, reader)).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

test.each(['1.1', '2'] as const)(
  'both close at once over HTTP/%s: both pipelines resolve, both processes end',
  async (http) => {
    const both = await pair({ side: 'client', http }, 'close', 'close');
    await Promise.all(both.map((child) => child.heard('ready')));
    for (const child of both) child.tell('act');
    const clean = { reading: null, closed: { code: 1000, sent: 1000, received: 1000 } };
    expect(await Promise.all(both.map(ended))).toEqual([clean, clean]);
    expect(await ends(...both)).toEqual([BY_ITSELF, BY_ITSELF]);
  },
);

describe.each(ENDS)('the $side closes with a code over HTTP/$http', (end) => {
  test.each([1011, 4000])('%d is an error for the other side, which did not expect it', async (code) => {
    const [closer, listener] = await pair(end, `close with ${code}`, 'converse');
    closer.tell('act');
    const closed = { code, sent: code, received: code };
    expect(await ended(closer)).toEqual({ reading: null, closed });
    expect(await ended(listener)).toEqual({ writing: 'ERR_WS_PEER_CLOSED', reading: 'ERR_WS_PEER_CLOSED', closed });
    expect(await ends(closer, listener)).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

describe.each(ENDS)('the $side is destroyed over HTTP/$http', (end) => {
  // A stream is reset by name; of a connection that is reset nobody says anything.
  const LOST = end.http === '2' ? 'ERR_WS_STREAM_RESET' : 'ERR_WS_CUT_OFF';

  test('without an error: the other side is cut off', async () => {
    const [victim, survivor] = await pair(end, 'destroy', 'converse');
    victim.tell('act');
    const closed = { code: 1006, sent: null, received: null };
    expect(await ended(victim)).toEqual({ reading: 'ERR_STREAM_PREMATURE_CLOSE', closed });
    expect(await ended(survivor)).toEqual({ writing: LOST, reading: LOST, closed });
    expect(await ends(victim, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('with an error: its own pipeline gets that error, the other side gets 1011', async () => {
    const [victim, survivor] = await pair(end, 'destroy with an error', 'converse');
    victim.tell('act');
    expect(await ended(victim)).toEqual({
      reading: 'my own',
      closed: { code: 1011, sent: 1011, received: null },
    });
    expect(await ended(survivor)).toEqual({
      writing: 'ERR_WS_PEER_CLOSED',
      reading: 'ERR_WS_PEER_CLOSED',
      closed: { code: 1011, sent: 1011, received: 1011 },
    });
    expect(await ends(victim, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

describe.each(ENDS)('the process of the $side is killed over HTTP/$http', (end) => {
  const LOST = end.http === '2' ? 'ERR_WS_SESSION_LOST' : 'ERR_WS_CUT_OFF';

  test.each([
    ['within a frame', 'send one huge frame'],
    ['within a message', 'send one fragment'],
  ])('%s: every pipeline of the survivor says that it was cut off', async (_, part) => {
    const [victim, survivor] = await pair(end, part, 'read a piece');
    await survivor.heard('first piece');
    victim.signal('SIGKILL');
    await victim.exited;
    survivor.tell('go on');
    const codes = { reading: LOST, message: LOST, writing: LOST };
    expect(await ended(survivor)).toEqual({ ...codes, closed: { code: 1006, sent: null, received: null } });
    expect(await ends(survivor)).toEqual([BY_ITSELF]);
  });

  test('or frozen: keepalive notices', async () => {
    const [frozen, survivor] = await pair(end, 'listen', 'converse, with keepalive');
    await Promise.all([frozen.heard('listening'), survivor.heard('open')]);
    frozen.signal('SIGSTOP');
    expect(await ended(survivor)).toEqual({
      writing: 'ERR_WS_KEEPALIVE_TIMEOUT',
      reading: 'ERR_WS_KEEPALIVE_TIMEOUT',
      closed: { code: 1006, sent: null, received: null },
    });
    expect(await ends(survivor)).toEqual([BY_ITSELF]);
  });
});

describe.each(SIDES)('a %s that does not speak WebSocket to the end', (side) => {
  test.each(['half-close', 'half-close within a frame', 'half-close within a message', 'reset'])(
    '%s: cut off',
    async (part) => {
      const [raw, survivor] = await rawPair(side, part, 'converse');
      raw.tell('act');
      expect(await ended(survivor)).toEqual({
        writing: 'ERR_WS_CUT_OFF',
        reading: 'ERR_WS_CUT_OFF',
        closed: { code: 1006, sent: null, received: null },
      });
      expect(await ends(raw, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
    },
  );

  test('a half-close behind its close frame is a clean end: what is still queued for it goes out', async () => {
    const [raw, survivor] = await rawPair(side, 'half-close after a close frame', 'close behind a queue');
    await survivor.heard('queued');
    raw.tell('act');
    expect(await ended(survivor)).toEqual({ reading: null, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await raw.heard('received')).toBeGreaterThan(64 * MEBIBYTE);
    expect(await ends(raw, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('our close is never answered: we say so in closeTimeoutMs', async () => {
    const [mute, survivor] = await rawPair(side, 'say nothing, ever', 'close, for 200 ms');
    survivor.tell('act');
    expect(await ended(survivor)).toEqual({
      reading: 'ERR_WS_CLOSE_TIMEOUT',
      closed: { code: 1006, sent: 1000, received: null },
    });
    expect(await ends(survivor)).toEqual([BY_ITSELF]);
    mute.tell('act');
    expect(await ends(mute)).toEqual([BY_ITSELF]);
  });
});
