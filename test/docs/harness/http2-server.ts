/**
 * For a block that listens on port 8080 with `key` and `cert` and echoes over HTTP/2: asks for a WebSocket by hand, sends
 * the masked "MDN", and wants it back; asks for an ordinary page on the same session.
 *
 * Knows: Node's http2, the nine bytes of the MDN tutorial. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

export const key = readFileSync('test/support/tls/key.pem');
export const cert = readFileSync('test/support/tls/cert.pem');

const MDN = Buffer.from([129, 131, 61, 84, 35, 6, 112, 16, 109]);
const ECHO = '81034d444e';

export async function after(): Promise<never> {
  const session = http2.connect('https://localhost:8080', { ca: cert });
  const [settings] = await once(session, 'remoteSettings');
  if (settings.enableConnectProtocol !== true) throw new Error('CONNECT is not announced.');
  const fields = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/', 'sec-websocket-version': '13' };
  const stream = session.request(fields, { endStream: false });
  const [headers] = await once(stream, 'response');
  if (headers[':status'] !== 200) throw new Error(`the answer is ${headers[':status']}`);
  stream.write(MDN);
  let heard = Buffer.alloc(0);
  while (heard.length < ECHO.length / 2) heard = Buffer.concat([heard, ...(await once(stream, 'data'))]);
  if (heard.toString('hex') !== ECHO) throw new Error(`the echo is ${heard.toString('hex')}`);
  const [page] = await once(session.request({ ':path': '/' }), 'response');
  if (page[':status'] !== 200) throw new Error(`the page is ${page[':status']}`);
  process.exit(0);
}
