import { getEventListeners } from 'node:events';
import { request } from 'node:http';
import { type Duplex, duplexPair, type Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { acceptKey } from '../../../../src/handshake/accept-key.js';
import { exchange } from '../../../../src/handshake/stream/exchange.js';
import { responseHead } from '../../../support/raw-server.js';

const OFFER = { key: 'KEY', subprotocols: [], extensions: [] };
const LINES = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptKey('KEY')}`];
const ACCEPTED = responseHead('101 Switching Protocols', LINES);

let near: Duplex;
let far: Duplex;
let stop: AbortController;

beforeEach(() => {
  [near, far] = duplexPair();
  far.on('error', () => {});
  stop = new AbortController();
});

afterEach(async () => {
  near.destroy();
  await turn();
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});

/** Unlike `events.once`, does not mind an 'error' before. */
function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

async function ask(answer: string | null) {
  const outcome = exchange(request({ createConnection: () => near }), OFFER, stop.signal);
  far.once('data', () => {
    if (answer === null) stop.abort('stopped');
    else far.write(answer, 'latin1');
  });
  return outcome;
}

test('an upgrade hands over the socket, paused, and the bytes behind the head', async () => {
  const answer = await ask(`${ACCEPTED}\x81\x00`);
  expect(answer).toMatchObject({ kind: 'upgraded', subprotocol: null, extensions: [] });
  if (answer.kind !== 'upgraded') throw new Error('unreachable');
  expect(answer.socket).toBe(near);
  expect(answer.head).toEqual(Buffer.from('8100', 'hex'));
  expect(near.readableFlowing).toBeNull();
  expect(near.listenerCount('data')).toBe(0);
});

test('a socket that fails while it is handed over does not crash the process', async () => {
  await ask(ACCEPTED);
  near.destroy(new Error('lost'));
  await closed(near);
  expect(near.errored?.message).toBe('lost');
});

test('another answer is handed over unread', async () => {
  const answer = await ask(`${responseHead('401 No', ['Content-Length: 2'])}no`);
  expect(answer).toMatchObject({ kind: 'answered', response: { statusCode: 401, readableFlowing: null } });
});

test('an answer that is not acceptable destroys the socket', async () => {
  await expect(ask(responseHead('101 OK', LINES.slice(0, 2)))).rejects.toMatchObject({
    code: 'ERR_WS_HANDSHAKE_INVALID',
    status: 101,
    facts: { reason: 'Sec-WebSocket-Accept is missing' },
  });
  expect(near.destroyed).toBe(true);
});

test('Node may drop no field: the 2,100th counts', async () => {
  const padding = Array.from({ length: 2_100 }, () => 'a:');
  const twice = responseHead('101 OK', [...LINES, ...padding, LINES[2] ?? '']);
  await expect(ask(twice)).rejects.toMatchObject({ facts: { reason: 'Sec-WebSocket-Accept occurs 2 times' } });
});

test('the signal stops it, with its reason', async () => {
  await expect(ask(null)).rejects.toBe('stopped');
  expect(near.destroyed).toBe(true);
});

test('a signal that has aborted already sends nothing', async () => {
  stop.abort('before');
  await expect(exchange(request({ createConnection: () => near }), OFFER, stop.signal)).rejects.toBe('before');
  expect(far.readableLength).toBe(0);
});

test('the signal also stops an answer that is being read', async () => {
  const answer = await ask(responseHead('401 No', ['Content-Length: 2']));
  const gone = closed(answer.response.on('error', () => {}));
  stop.abort();
  await gone;
  expect(near.destroyed).toBe(true);
});

test('a failed connection is a refusal with a cause', async () => {
  const cause = Object.assign(new Error('connect \u0007 failed'), { code: 'ECONNREFUSED' });
  const outcome = ask('');
  near.destroy(cause);
  await expect(outcome).rejects.toMatchObject({
    code: 'ERR_WS_UNREACHABLE',
    status: null,
    cause,
    facts: { reason: 'connect · failed' },
  });
});
