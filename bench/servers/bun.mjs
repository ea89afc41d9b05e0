/** An echo on Bun's own server, native code. Runs with Bun. `DEFLATE` switches its compression on. */
import { serve } from './serve.mjs';

const { Bun } = /** @type {any} */ (globalThis);
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (/** @type {unknown} */ request, /** @type {any} */ self) => {
    if (self.upgrade(request)) return undefined;
    return new Response('This server speaks WebSocket.\n', { status: 426 });
  },
  websocket: {
    maxPayloadLength: 2 ** 26,
    backpressureLimit: 2 ** 26,
    perMessageDeflate: process.env.DEFLATE !== undefined,
    message: (/** @type {any} */ ws, /** @type {unknown} */ message) => void ws.send(message),
  },
});
serve(server.port);
