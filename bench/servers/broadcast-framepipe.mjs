/**
 * One to many by `Broadcast`. `DEFLATE` holds the options of compression as JSON, `BROADCAST` those of the Broadcast.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Broadcast, createServer } from '../../dist/index.js';
import { messageOf } from '../lib/said.mjs';
import { serve } from './serve.mjs';

const { DEFLATE, BROADCAST = '{}' } = process.env;
const broadcast = new Broadcast(JSON.parse(BROADCAST));
const deflate = DEFLATE === undefined ? false : JSON.parse(DEFLATE);
const server = createServer({ deflate, keepAlive: false }, (ws) => broadcast.add(ws));

/** A source that minds backpressure, as every pipeline does. @param {import('../lib/said.mjs').Said} said */
async function say(said) {
  for (let at = 0; at < said.burst; at++) {
    if (!broadcast.write(messageOf(said, at))) await once(broadcast, 'drain');
    else if (said.inTurns) await turn();
  }
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  serve(port, { say, clients: () => broadcast.size });
});
