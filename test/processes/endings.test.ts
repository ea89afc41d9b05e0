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

/** A child for each end of a connection: `program` and part on `side`, a peer with `otherPart` on the other. */
async function pair(
  side: Side,
  program: 'peer' | 'raw-peer',
  part: string,
  otherPart: string,
): Promise<[Child, Child]> {
  const one = children.start(program, { args: [side, part] });
  const two = children.start('peer', { args: [other(side), otherPart] });
  const [server, client] = side === 'server' ? [one, two] : [two, one];
  client.tell('port', await server.heard('port'));
  return [one, two];
}

const ended = (child: Child) => child.heard<object>('ended');

describe.each(SIDES)('a clean close by the %s', (side) => {
  test.each(['close', 'end'])('%s(): both pipelines resolve, both processes end', async (part) => {
    const [closer, listener] = await pair(side, 'peer', part, 'listen');
    closer.tell('act');
    const clean = { reading: null, closed: { code: 1000, sent: 1000, received: 1000 } };
    expect(await ended(closer)).toEqual(clean);
    expect(await ended(listener)).toEqual(clean);
    expect(await ends(closer, listener)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('with everything that was queued before: 64 MiB go out first', async () => {
    const [closer, reader] = await pair(side, 'peer', 'close behind a queue', 'read late');
    expect(await closer.heard('queued')).toBeGreaterThan(17 * MEBIBYTE);
    reader.tell('act');
    expect(await ended(reader)).toMatchObject({ messages: 64, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await ended(closer)).toMatchObject({ reading: null, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await ends(closer, reader)).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

test('both close at once: both pipelines resolve, both processes end', async () => {
  const both = await pair('client', 'peer', 'close', 'close');
  await Promise.all(both.map((child) => child.heard('ready')));
  for (const child of both) child.tell('act');
  const clean = { reading: null, closed: { code: 1000, sent: 1000, received: 1000 } };
  expect(await Promise.all(both.map(ended))).toEqual([clean, clean]);
  expect(await ends(...both)).toEqual([BY_ITSELF, BY_ITSELF]);
});

describe.each(SIDES)('the %s closes with a code', (side) => {
  test.each([1011, 4000])('%d is an error for the other side, which did not expect it', async (code) => {
    const [closer, listener] = await pair(side, 'peer', `close with ${code}`, 'converse');
    closer.tell('act');
    const closed = { code, sent: code, received: code };
    expect(await ended(closer)).toEqual({ reading: null, closed });
    expect(await ended(listener)).toEqual({ writing: 'ERR_WS_PEER_CLOSED', reading: 'ERR_WS_PEER_CLOSED', closed });
    expect(await ends(closer, listener)).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

describe.each(SIDES)('the %s is destroyed', (side) => {
  test('without an error: the other side is cut off', async () => {
    const [victim, survivor] = await pair(side, 'peer', 'destroy', 'converse');
    victim.tell('act');
    const closed = { code: 1006, sent: null, received: null };
    expect(await ended(victim)).toEqual({ reading: 'ERR_STREAM_PREMATURE_CLOSE', closed });
    expect(await ended(survivor)).toEqual({ writing: 'ERR_WS_CUT_OFF', reading: 'ERR_WS_CUT_OFF', closed });
    expect(await ends(victim, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('with an error: its own pipeline gets that error, the other side gets 1011', async () => {
    const [victim, survivor] = await pair(side, 'peer', 'destroy with an error', 'converse');
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

describe.each(SIDES)('the process of the %s is killed', (side) => {
  test.each([
    ['within a frame', 'send one huge frame'],
    ['within a message', 'send one fragment'],
  ])('%s: every pipeline of the survivor says that it was cut off', async (_, part) => {
    const [victim, survivor] = await pair(side, 'peer', part, 'read a piece');
    await survivor.heard('first piece');
    victim.signal('SIGKILL');
    await victim.exited;
    survivor.tell('go on');
    const codes = { reading: 'ERR_WS_CUT_OFF', message: 'ERR_WS_CUT_OFF', writing: 'ERR_WS_CUT_OFF' };
    expect(await ended(survivor)).toEqual({ ...codes, closed: { code: 1006, sent: null, received: null } });
    expect(await ends(survivor)).toEqual([BY_ITSELF]);
  });

  test('or frozen: keepalive notices', async () => {
    const [frozen, survivor] = await pair(side, 'peer', 'listen', 'converse, with keepalive');
    await frozen.heard('listening');
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
      const [raw, survivor] = await pair(side, 'raw-peer', part, 'converse');
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
    const [raw, survivor] = await pair(side, 'raw-peer', 'half-close after a close frame', 'close behind a queue');
    await survivor.heard('queued');
    raw.tell('act');
    expect(await ended(survivor)).toEqual({ reading: null, closed: { code: 1000, sent: 1000, received: 1000 } });
    expect(await raw.heard('received')).toBeGreaterThan(64 * MEBIBYTE);
    expect(await ends(raw, survivor)).toEqual([BY_ITSELF, BY_ITSELF]);
  });

  test('our close is never answered: we say so in closeTimeoutMs', async () => {
    const [mute, survivor] = await pair(side, 'raw-peer', 'say nothing, ever', 'close, for 200 ms');
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
