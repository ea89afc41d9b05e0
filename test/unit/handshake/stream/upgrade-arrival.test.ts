import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { connectJudge } from '../../../../src/handshake/judge-connect.js';
import { requestJudge } from '../../../../src/handshake/judge-request.js';
import { UpgradeArrival } from '../../../../src/handshake/stream/upgrade-arrival.js';
import { received } from '../../../support/received.js';
import { ACCEPT, linesWith } from '../../../support/upgrade-request.js';
import { afterTest } from '../../../support/web-sockets.js';

const JUDGES = { upgrade: requestJudge({ subprotocols: ['a'] }), connect: connectJudge() };

function arrive(changes: Readonly<Record<string, string | null>> = {}) {
  const [near, far] = duplexPair();
  afterTest(() => [near, far].map((end) => end.destroy()));
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    rawHeaders: linesWith(changes).flat(),
  });
  return { near, far, arrival: new UpgradeArrival(request, near, Buffer.from('head')) };
}

test('judged by the rules for upgrades, accepted with a 101 on the socket, which it gives back', async () => {
  const { near, far, arrival } = arrive({ 'Sec-WebSocket-Protocol': 'a' });
  const terms = arrival.judge(JUDGES);
  if (!terms.accepted) throw new Error(terms.why);
  expect(arrival.accept(terms, { 'X-One': '1' })).toBe(near);
  near.end();
  const answer = await received(far);
  expect(answer).toMatch(/^HTTP\/1.1 101 /);
  expect(answer).toContain(`Sec-WebSocket-Accept: ${ACCEPT}\r\nSec-WebSocket-Protocol: a\r\nX-One: 1\r\n`);
  expect(arrival.head.toString()).toBe('head');
});

test('refused with a whole response and the end of the connection', async () => {
  const { far, arrival } = arrive();
  arrival.refuse({ status: 404 });
  expect(await received(far)).toMatch(/^HTTP\/1.1 404 .*\r\nConnection: close\r\n/);
});

test('a bad refusal writes nothing', () => {
  const { near, arrival } = arrive();
  expect(() => arrival.refuse({ status: 200 })).toThrow();
  expect(near.writableEnded).toBe(false);
});

test('it is gone when its socket is, and an error of that does not end the process', () => {
  const { near, arrival } = arrive();
  expect(arrival.isGone).toBe(false);
  near.destroy(new Error('gone'));
  expect(arrival.isGone).toBe(true);
});

test('only TLS is secure', () => {
  const { near, arrival } = arrive();
  expect(arrival.isSecure).toBe(false);
  Object.assign(near, { encrypted: true });
  expect(arrival.isSecure).toBe(true);
});
