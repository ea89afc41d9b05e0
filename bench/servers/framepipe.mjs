/** An echo on `createServer`, as the README has it. `DEFLATE` holds the options of compression as JSON. */
import { createServer } from '../../dist/index.js';
import { serve } from './serve.mjs';

const { DEFLATE } = process.env;
const deflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const server = createServer({ deflate }, (ws) => {
  ws.on('error', () => {});
  ws.pipe(ws);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') serve(address.port);
});
