import { once } from 'node:events';
import { constants } from 'node:http2';
import { ConnectionError } from '../../../../src/errors.js';
import { Http2Transport } from '../../../../src/handshake/stream/http2-transport.js';
import { http2Ends, http2Stream } from '../../../support/http2.js';
import { received } from '../../../support/received.js';
import { turns } from '../../../support/streams.js';

const failure = (stream: NodeJS.EventEmitter) => new Promise<Error>((resolve) => stream.once('error', resolve));

test('bytes go both ways, each side ends in its own time', async () => {
  const [near, far] = await http2Ends();
  near.write('a');
  near.end('b');
  expect(await received(far)).toBe('ab');
  far.end('c');
  expect(await received(near)).toBe('c');
  await Promise.all([near, far].map((end) => end.closed || once(end, 'close')));
  expect([near.errored, far.errored]).toEqual([null, null]);
});

test('many writes of a tick leave in order', async () => {
  const [near, far] = await http2Ends();
  for (let i = 0; i < 1_000; i++) near.write(`${i},`);
  near.end();
  expect((await received(far)).split(',')).toHaveLength(1_001);
});

test('destroyed early, it resets the stream with CANCEL, and the peer never takes that for an end', async () => {
  const [near, far] = await http2Ends();
  let ended = false;
  far.on('end', () => {
    ended = true;
  });
  far.resume();
  near.destroy();
  const error = await failure(far);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ code: 'ERR_WS_STREAM_RESET', facts: { code: 'CANCEL' } });
  expect(ended).toBe(false);
});

test.each([
  ['NO_ERROR', constants.NGHTTP2_NO_ERROR],
  ['PROTOCOL_ERROR', constants.NGHTTP2_PROTOCOL_ERROR],
  ['INTERNAL_ERROR', constants.NGHTTP2_INTERNAL_ERROR],
  ['ENHANCE_YOUR_CALM', constants.NGHTTP2_ENHANCE_YOUR_CALM],
  ['CANCEL', constants.NGHTTP2_CANCEL],
])('a reset with %s is an error that says so', async (code, number) => {
  const { ours, theirs } = await http2Stream();
  const transport = new Http2Transport(ours).resume();
  theirs.on('error', () => {});
  theirs._final = (done) => done();
  theirs.close(number);
  expect(await failure(transport)).toMatchObject({ code: 'ERR_WS_STREAM_RESET', facts: { code } });
});

test.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL])(
  'a reset with %i is an error at once, also while a write waits for window',
  async (code) => {
    const { ours, theirs, session } = await http2Stream();
    const transport = new Http2Transport(ours).resume();
    transport.write(Buffer.alloc(1_000_000));
    await once(theirs, 'readable');
    theirs.on('error', () => {});
    theirs._final = (done) => done();
    theirs.close(code);
    expect(await failure(transport)).toMatchObject({ code: 'ERR_WS_STREAM_RESET' });
    expect(session.destroyed).toBe(false);
  },
);

test('the end of the session is an error, and another one when it had a reason', async () => {
  const { ours, session } = await http2Stream();
  const transport = new Http2Transport(ours);
  session.destroy();
  expect(await failure(transport)).toMatchObject({ code: 'ERR_WS_SESSION_LOST', facts: {} });

  const other = await http2Stream();
  other.theirs.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const error = await failure(new Http2Transport(other.ours));
  expect(error).toMatchObject({ code: 'ERR_WS_SESSION_LOST' });
  expect(error.message).toContain('11');
  expect(error.cause).toMatchObject({ code: 'ERR_HTTP2_SESSION_ERROR' });
});

test('a polite GOAWAY leaves the stream alone', async () => {
  const { ours, session, theirs } = await http2Stream();
  const transport = new Http2Transport(ours).on('error', () => {});
  theirs.session?.goaway();
  await once(session, 'goaway');
  transport.write('still here');
  const [chunk] = await once(theirs, 'data');
  expect(String(chunk)).toBe('still here');
});

test('a stopped reader holds its writer back, at the window and what Node holds on both sides', async () => {
  const [near, far] = await http2Ends();
  for (const end of [near, far]) end.on('error', () => {});
  const chunk = Buffer.alloc(16_384);
  const most = 65_536 + 6 * chunk.length;
  let taken = 0;
  let isBlocked = false;
  while (!isBlocked && taken <= most) {
    const written = new Promise<boolean>((resolve) => near.write(chunk, () => resolve(false)));
    isBlocked = await Promise.race([written, turns(50).then(() => true)]);
    if (!isBlocked) taken += chunk.length;
  }
  expect(isBlocked).toBe(true);
  expect(taken).toBeGreaterThanOrEqual(65_536 - chunk.length);
  near.end();
  expect(await received(far)).toHaveLength(taken + chunk.length);
});

test('a stream that is gone already is a loss', async () => {
  const { ours } = await http2Stream();
  ours.on('error', () => {}).destroy();
  expect(await failure(new Http2Transport(ours))).toMatchObject({ code: 'ERR_WS_STREAM_RESET' });
});
