/**
 * For a block that connects to port 8080 by HTTP/2: a server that echoes text, with the certificate `cert`.
 *
 * Knows: Node's http2, frames below 126 bytes. Does not know: framepipe; it must not agree with itself by mistake.
 */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

const key = readFileSync('test/support/tls/key.pem');
export const cert = readFileSync('test/support/tls/cert.pem');

const server = http2.createSecureServer({ key, cert, settings: { enableConnectProtocol: true } });
server.on('stream', (stream) => {
  stream.respond({ ':status': 200 });
  stream.on('error', () => {});
  stream.on('data', (frame: Buffer) => {
    const length = (frame[1] ?? 0) & 127;
    const mask = frame.subarray(2, 6);
    const payload = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
    stream.write(Buffer.concat([Buffer.from([frame[0] ?? 0, length]), payload]));
    if (frame[0] === 0x88) stream.end();
  });
});
server.listen(8080).unref();
