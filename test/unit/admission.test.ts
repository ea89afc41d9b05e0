import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { Admission, type AdmissionOptions, refuseAll } from '../../src/admission.js';
import { HandshakeError, UsageError } from '../../src/errors.js';
import { UpgradeArrival } from '../../src/handshake/stream/upgrade-arrival.js';
import { received } from '../support/received.js';
import { ACCEPT, linesWith } from '../support/upgrade-request.js';

function requestOf(path = '/', changes: Readonly<Record<string, string | null>> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  const rawHeaders = linesWith(changes).flat();
  return Object.assign(request, { method: 'GET', url: path, httpVersion: '1.1', rawHeaders });
}

function pair(): { near: Duplex; far: Duplex } {
  const [near, far] = duplexPair();
  return { near, far };
}

const arrivalOf = (near: Duplex, request = requestOf()) => new UpgradeArrival(request, near, Buffer.from('head'));

/** Admits over an in-memory pair; `answer` is everything that the client hears. */
function admit(options: AdmissionOptions, request = requestOf()) {
  const { near, far } = pair();
  const answer = received(far);
  const admitted = new Admission(options).admit(arrivalOf(near, request));
  return { admitted, answer, near, far };
}

/** Ends both sides, so that the answer is whole. */
async function whole({ answer, near, far }: { answer: Promise<string>; near: Duplex; far: Duplex }): Promise<string> {
  near.end();
  far.end();
  return answer;
}

test('whoever is let in gets 101, and comes with socket, head and what was agreed on', async () => {
  const one = admit({ subprotocols: ['chat'] }, requestOf('/', { 'Sec-WebSocket-Protocol': 'x, chat' }));
  expect(await one.admitted).toMatchObject({
    socket: one.near,
    head: Buffer.from('head'),
    agreement: { subprotocol: 'chat', extensions: [] },
  });
  const answer = await whole(one);
  expect(answer).toMatch(/^HTTP\/1.1 101 /);
  expect(answer).toContain(`Sec-WebSocket-Accept: ${ACCEPT}\r\n`);
  expect(answer).toContain('Sec-WebSocket-Protocol: chat\r\n');
});

test('without accept it answers at once; what is refused is thrown, after the answer', async () => {
  const { near, far } = pair();
  const answer = received(far);
  const client = new Admission({}).admitAtOnce(arrivalOf(near));
  expect(client).toMatchObject({ socket: near, agreement: { subprotocol: null, extensions: [] } });
  expect(await whole({ answer, near, far })).toMatch(/^HTTP\/1.1 101 /);

  const other = pair();
  const refusal = received(other.far);
  expect(() => new Admission({ path: '/chat' }).admitAtOnce(arrivalOf(other.near))).toThrow(HandshakeError);
  expect(await whole({ answer: refusal, ...other })).toMatch(/^HTTP\/1.1 404 /);
});

test('a client that is gone already is null, asked about or not', async () => {
  const gone = () => {
    const { near } = pair();
    near.destroy();
    return arrivalOf(near);
  };
  expect(new Admission({}).admitAtOnce(gone())).toBeNull();
  expect(await new Admission({}).admit(gone())).toBeNull();
  expect(await new Admission({ accept: () => true }).admit(gone())).toBeNull();
});

test.each([
  ['/chat', '/chat', true],
  ['/chat', '/chat?room=1', true],
  ['/chat', '/chat/', false],
  ['/chat', '/Chat', false],
  ['/chat', '/', false],
  ['/chat', 'http://host/chat', false],
  [undefined, '/anything', true],
])('path %p and target %p: %p', (path, target, isForUs) => {
  expect(new Admission({ path }).isForUs(requestOf(target))).toBe(isForUs);
});

test('the order of judgement: path, then the RFC, then accept', async () => {
  const accept = jest.fn(() => false);
  const rules = { path: '/chat', accept };
  const bad = { 'Sec-WebSocket-Version': '8' };
  for (const [request, status] of [
    [requestOf('/other', bad), 404],
    [requestOf('/chat', bad), 426],
    [requestOf('/chat'), 403],
  ] as const) {
    const one = admit(rules, request);
    await expect(one.admitted).rejects.toMatchObject({ status });
    expect(await whole(one)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }
  expect(accept).toHaveBeenCalledTimes(1);
});

test('a refusal is a HandshakeError; out of time is one of its own', async () => {
  await expect(admit({ accept: () => ({ status: 401, why: 'Who?' }) }).admitted).rejects.toMatchObject({
    code: 'ERR_WS_HANDSHAKE_REFUSED',
    status: 401,
    facts: { status: 401, reason: 'Who?' },
  });
  const late = admit({ accept: () => new Promise(() => {}), handshakeTimeoutMs: 1 }).admitted;
  await expect(late).rejects.toBeInstanceOf(HandshakeError);
  await expect(late).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_TIMEOUT', status: 503 });
});

test('an answer in time clears the clock; without a limit there is none', async () => {
  for (const handshakeTimeoutMs of [10_000, Infinity]) {
    const before = timers();
    await admit({ accept: async () => true, handshakeTimeoutMs }).admitted;
    expect(timers()).toBe(before);
  }
});

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('what accept rejects with after the time is over is no unhandled rejection', async () => {
  let fail = (_: Error) => {};
  const accept = () =>
    new Promise<never>((_, reject) => {
      fail = reject;
    });
  await expect(admit({ accept, handshakeTimeoutMs: 1 }).admitted).rejects.toBeInstanceOf(HandshakeError);
  fail(new Error('late'));
  await new Promise((resolve) => setImmediate(resolve));
});

test('what accept throws is passed on, and the client is told 500', async () => {
  const mistake = new Error('secret');
  const one = admit({
    accept: () => {
      throw mistake;
    },
  });
  await expect(one.admitted).rejects.toBe(mistake);
  const answer = await whole(one);
  expect(answer).toMatch(/^HTTP\/1.1 500 /);
  expect(answer).not.toContain('secret');
});

test('a client that is gone by then is null', async () => {
  let decide = () => {};
  const one = admit({
    accept: () =>
      new Promise<void>((resolve) => {
        decide = resolve;
      }),
  });
  one.near.destroy();
  decide();
  expect(await one.admitted).toBeNull();
});

test('a server that is closing refuses everybody with 503', async () => {
  const [near, far] = duplexPair();
  const answer = received(far);
  refuseAll(new UpgradeArrival(requestOf(), near, Buffer.alloc(0)));
  far.end();
  expect(await answer).toMatch(/^HTTP\/1.1 503 [\s\S]*going away/);
});

test.each([
  { path: 'chat' },
  { path: 5 },
  { accept: true },
  { handshakeTimeoutMs: 0 },
  { origins: 5 },
  { subprotocols: [''] },
])('%j is a UsageError', (options) => {
  expect(() => new Admission(options as never)).toThrow(UsageError);
});
