/**
 * For a block that listens on port 8080 and echoes: sends it the masked "MDN", and wants it back.
 *
 * Knows: the nine bytes of the MDN tutorial. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { once } from 'node:events';
import http from 'node:http';

const MDN = Buffer.from([129, 131, 61, 84, 35, 6, 112, 16, 109]);
const ECHO = '81034d444e';

export async function after(): Promise<never> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const request = http.request({ host: 'localhost', port: 8080, headers }).end();
  const [, socket, head] = await once(request, 'upgrade');
  socket.write(MDN);
  let heard: Buffer = head;
  while (heard.length < ECHO.length / 2) heard = Buffer.concat([heard, ...(await once(socket, 'data'))]);
  if (heard.toString('hex') !== ECHO) throw new Error(`the echo is ${heard.toString('hex')}`);
  process.exit(0);
}
