/**
 * Reads one message as a stream into a Writable that takes its time, and reports the first byte.
 */
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createServer } from 'framepipe';
import { watchMemory } from './memory.mjs';
import { report } from './parent.mjs';

const server = createServer({ readAs: 'stream', maxMessageBytes: Number.POSITIVE_INFINITY });
server.listen(0, '127.0.0.1', () => report('port', server.address().port));
const [ws] = await new Promise((resolve) => server.once('connection', (...all) => resolve(all)));
const memory = watchMemory();
const hash = createHash('sha256');
let [bytes, writes] = [0, 0];

/** Answers each write later, and some of them much later, so that the sender is always ahead. */
const slow = new Writable({
  highWaterMark: 16_384,
  write(chunk, _, done) {
    if (bytes === 0) report('first byte');
    bytes += chunk.length;
    hash.update(chunk);
    writes++;
    if (writes % 16 === 0) setTimeout(done, 1);
    else setImmediate(done);
  },
});

const started = performance.now();
for await (const message of ws) await pipeline(message, slow);
const seconds = (performance.now() - started) / 1000;
report('done', { bytes, seconds, sha256: hash.digest('hex'), growth: memory.growth() });
await server.close();
