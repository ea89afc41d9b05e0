/**
 * What the shell blocks of the pages talk to: an echo on port 8080, and wss://example.com with what they ask of it.
 *
 * Knows: the paths that the pages name. Does not know: the commands. Ports are not real (virtual-ports.mjs); it says READY
 * when they are open, and writes its certificate to the file that it is given.
 */
import { writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'framepipe';
import { generate } from 'selfsigned';

const { cert, private: key } = await generate([{ name: 'commonName', value: 'example.com' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'subjectAltName', altNames: ['example.com', 'db.example.com'].map((value) => ({ type: 2, value })) },
  ],
});
writeFileSync(process.argv[2], cert);

const BEHAVIOURS = {
  '/api': (ws) => ws.on('data', (line) => ws.end(`${line} noted`)),
  '/upload': (ws) => ws.resume(),
  '/big.iso': (ws) => ws.end(Buffer.alloc(100_000, 7)),
  '/feed': (ws) => {
    for (let tick = 0; tick < 3; tick++) ws.write(JSON.stringify({ tick }));
    ws.resume().end();
  },
};

const echo = createServer((ws) => ws.pipe(ws)).listen(8080);
const https = createHttpsServer({ cert, key });
createServer({ server: https }, (ws, { url }) => BEHAVIOURS[url](ws));
https.listen(443, () => console.log('READY'));
echo.on('error', (error) => {
  throw error;
});
