/**
 * An echo on `createServer`, piped, as the README has it; with APP=listener by a listener, which is what ws's users write.
 * `DEFLATE` holds the options of compression as JSON.
 */
import { createServer } from '../../dist/index.js';
import { serve } from './serve.mjs';

const { APP, DEFLATE } = process.env;
const deflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const server = createServer({ deflate }, (ws) => {
  ws.on('error', () => {});
  if (APP === 'listener') ws.on('data', (message) => ws.write(message));
  else ws.pipe(ws);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') serve(address.port);
});
