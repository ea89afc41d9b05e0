/**
 * Reads one message as a stream into a Writable that takes its time, and reports the first byte. Argument: the HTTP version.
 */
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { meet } from './meeting.mjs';
import { watchMemory } from './memory.mjs';
import { report } from './parent.mjs';

const { ws, server } = await meet('server', process.argv[2], {
  readAs: 'stream',
  maxMessageBytes: Number.POSITIVE_INFINITY,
});
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
