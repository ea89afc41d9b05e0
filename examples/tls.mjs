/**
 * wss://, with your own certificate: any https.Server will do.
 *
 *     openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost
 *     KEY=key.pem CERT=cert.pem PORT=8443 node tls.mjs
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { pipeline } from 'node:stream';
import { createServer } from 'framepipe';

const { KEY = 'key.pem', CERT = 'cert.pem', PORT = 8443 } = process.env;
const https = createHttpsServer({ key: readFileSync(KEY), cert: readFileSync(CERT) }, (_request, response) => {
  response.end('This server speaks WebSocket.\n');
});

const server = createServer({ server: https }, (ws) => {
  pipeline(ws, ws, (error) => {
    if (error) console.error(error.message);
  });
});

https.listen(PORT, () => console.log(`TLS: wss://localhost:${https.address().port}`));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    https.close();
    server.close();
  });
}
