import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { parseTarget } from '../../../../src/handshake/client-url.js';
import { Http2Pool } from '../../../../src/handshake/stream/http2-pool.js';
import { askOverHttp2 } from '../../../../src/handshake/stream/http2-route.js';
import { http2Session } from '../../../support/http2.js';
import { afterTest } from '../../../support/web-sockets.js';

const OFFER = { key: '', subprotocols: [], extensions: [] };
const FOREVER = new AbortController().signal;

/** A server that refuses to look at the first streams. */
async function refusing(count: number) {
  let asked = 0;
  const http = http2.createServer({ settings: { enableConnectProtocol: true } });
  http.on('stream', (stream) => {
    stream.on('error', () => {});
    if (++asked <= count) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else stream.respond({ ':status': 200 });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { target: parseTarget(url), origin: url.replace('ws', 'http'), asked: () => asked };
}

test('RFC 9113 §8.7: what was not processed is asked again, once', async () => {
  const { target, asked } = await refusing(1);
  const answer = await askOverHttp2({ target, fields: [], transport: {} }, OFFER, [], FOREVER, new Http2Pool());
  expect(answer).toMatchObject({ kind: 'upgraded' });
  expect(asked()).toBe(2);
  if ('kind' in answer && answer.kind === 'upgraded') answer.socket.destroy();

  const stubborn = await refusing(2);
  const request = { target: stubborn.target, fields: [], transport: {} };
  await expect(askOverHttp2(request, OFFER, [], FOREVER, new Http2Pool())).rejects.toMatchObject({
    code: 'ERR_WS_UNREACHABLE',
  });
  expect(stubborn.asked()).toBe(2);
});

test("on somebody else's session it is asked once", async () => {
  const { target, origin, asked } = await refusing(1);
  const transport = { session: await http2Session(origin) };
  await expect(askOverHttp2({ target, fields: [], transport }, OFFER, [], FOREVER)).rejects.toThrow('REFUSED_STREAM');
  expect(asked()).toBe(1);
});
