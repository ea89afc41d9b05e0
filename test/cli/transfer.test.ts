/**
 * A large message through `connect`, there and back, in constant memory: FRAMEPIPE_TRANSFER_GIB says how large (1).
 *
 * Knows: the whole way: stdin of `connect --binary`, `serve --echo`, and back to stdout.
 * Does not know: how it is done.
 */
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PeakMemory } from './support/memory.js';
import { Programs } from './support/program.js';

const { FRAMEPIPE_TRANSFER_GIB = '1' } = process.env;
const GIB = Number(FRAMEPIPE_TRANSFER_GIB);
const BYTES = GIB * 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
const MAX_GROWTH = 40 * MEBIBYTE;
const CHUNK_BYTES = MEBIBYTE / 4;

const programs = new Programs();
afterEach(() => programs.end());

/** Chunks of which no two are alike; `hash` sees them all. */
function* chunks(hash: Hash): Generator<Buffer> {
  const pool = randomBytes(CHUNK_BYTES + 4_096);
  for (let chunk = 0; chunk * CHUNK_BYTES < BYTES; chunk++) {
    const bytes = Buffer.from(pool.subarray(chunk % 4_096, (chunk % 4_096) + CHUNK_BYTES));
    bytes.writeDoubleLE(chunk);
    hash.update(bytes);
    yield bytes;
  }
}

test(`${GIB} GiB there and back: the same bytes, and less than 40 MiB of growth on either side`, async () => {
  const { server, url } = await programs.serve('--echo');
  const client = programs.start('connect', '--binary', '-v', url);
  await client.says(/Connected to/);
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  let bytes = 0;
  client.process.stdout.removeAllListeners('data').on('data', (chunk: Buffer) => {
    received.update(chunk);
    bytes += chunk.length;
  });
  const memory = [new PeakMemory(client.process.pid), new PeakMemory(server.process.pid)];
  const began = performance.now();
  await pipeline(Readable.from(chunks(sent)), client.process.stdin);
  expect((await client.ended).code).toBe(0);
  const seconds = (performance.now() - began) / 1_000;
  const growth = memory.map((one) => one.growth());
  const [ours, theirs] = growth.map((one) => (one / MEBIBYTE).toFixed(1));
  console.log(
    `${GIB} GiB each way in ${seconds.toFixed(1)} s; RSS grew by ${ours} MiB (connect), ${theirs} MiB (serve)`,
  );
  expect(bytes).toBe(BYTES);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  for (const one of growth) {
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThan(MAX_GROWTH);
  }
}, 1_800_000);
