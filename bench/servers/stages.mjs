/** An echo of frames: the composed pipeline, `ServerUpgrade`, `FrameDecoder`, `FrameEncoder`. With APP, a Transform between. */
import { createServer } from 'node:net';
import { pipeline, Transform } from 'node:stream';
import { FrameDecoder, FrameEncoder, ServerUpgrade } from '../../dist/index.js';
import { listenAndServe } from './serve.mjs';

const { APP } = process.env;

/** An app that looks at each frame and sends it back. */
const app = () =>
  new Transform({
    objectMode: true,
    transform: (frame, _, done) => done(null, frame),
  });

const server = createServer((socket) => {
  const bytes = new ServerUpgrade(socket);
  const stages = APP === undefined ? [] : [app()];
  const decoder = new FrameDecoder({ role: 'server' });
  pipeline([bytes, decoder, ...stages, new FrameEncoder({ role: 'server' }), bytes], () => {});
});
listenAndServe(server);
