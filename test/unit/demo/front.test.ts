import { once } from 'node:events';
import http2 from 'node:http2';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Front } from '../../../src/demo/front.js';
import { IDENTITY } from '../../support/http2.js';

const TRUST = { ca: IDENTITY.cert };
const fronts: Front[] = [];

afterEach(async () => {
  for (const front of fronts.splice(0)) {
    const gone = front.server.listening ? front.close() : null;
    front.cutOff();
    await gone;
  }
});

async function front(secrets: typeof IDENTITY | null): Promise<{ front: Front; origin: string }> {
  const made = new Front((request, response) => response.end(request.httpVersion), secrets);
  fronts.push(made);
  made.server.listen(0, '127.0.0.1');
  await once(made.server, 'listening');
  const { port } = made.server.address() as AddressInfo;
  return { front: made, origin: `${made.isSecure ? 'https' : 'http'}://localhost:${port}` };
}

test('without secrets it is HTTP/1.1', async () => {
  const { front: plain, origin } = await front(null);
  expect(plain.isSecure).toBe(false);
  expect(await (await fetch(origin)).text()).toBe('1.1');
  await plain.close();
});

test('with secrets it answers both versions, and offers extended CONNECT', async () => {
  const { origin } = await front(IDENTITY);
  const session = http2.connect(origin, TRUST);
  await once(session, 'remoteSettings');
  expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  const stream = session.request({ ':path': '/' });
  expect(String((await once(stream, 'data'))[0])).toBe('2.0');
  const [response] = await once(get(origin, { ...TRUST, agent: false }), 'response');
  expect(String((await once(response, 'data'))[0])).toBe('1.1');
  session.destroy();
});

test('closing ends idle sessions by itself; cutting off ends those that are not', async () => {
  const { front: secure, origin } = await front(IDENTITY);
  const [idle, busy] = [http2.connect(origin, TRUST), http2.connect(origin, TRUST)];
  await Promise.all([once(idle, 'remoteSettings'), once(busy, 'remoteSettings')]);
  const held = busy.request({ ':method': 'POST', ':path': '/' });
  held.on('error', () => {});
  busy.on('error', () => {});
  await once(held, 'response');
  const idleGone = once(idle, 'close');
  const gone = secure.close();
  await idleGone;
  secure.cutOff();
  await gone;
});

test('secrets that are none are told at once', () => {
  expect(() => new Front(() => {}, { cert: 'no', key: 'no' })).toThrow();
});
