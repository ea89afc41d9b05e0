/**
 * The WebSocket end of a bridge. Arguments: the URL of the bridge, what to do.
 *
 * 'ask': sends stdin, ends, and prints what comes back. 'flood': writes `size` bytes as fast as it may, and prints
 * 'at N' for each piece. 'ignore': reads nothing until stdin ends, then counts.
 */
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { connect } from 'framepipe';

const [url, what, size] = process.argv.slice(2);
const ws = connect(url, { readAs: 'bytes', maxBufferedBytes: 65_536 });
await ws.opened;
const hash = createHash('sha256');

async function* flood() {
  let produced = 0;
  for (let piece = 0; produced < Number(size); piece++) {
    const bytes = Buffer.alloc(65_536, piece);
    produced += bytes.length;
    hash.update(bytes);
    console.log(`at ${produced}`);
    yield bytes;
  }
}

if (what === 'ask') {
  await Promise.all([pipeline(process.stdin, ws), pipeline(ws, process.stdout)]);
} else if (what === 'flood') {
  ws.resume();
  await pipeline(flood, ws);
  console.log(`sent ${hash.digest('hex')}`);
} else {
  for await (const _ of process.stdin);
  let received = 0;
  for await (const bytes of ws) {
    received += bytes.length;
    hash.update(bytes);
  }
  console.log(`received ${received} ${hash.digest('hex')}`);
}
