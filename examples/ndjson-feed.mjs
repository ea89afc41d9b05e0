/**
 * A feed of records as newline-delimited JSON, through a transform of yours, to every client at the client's own speed.
 *
 *     PORT=8080 node ndjson-feed.mjs                         the feed
 *     node ndjson-feed.mjs ws://localhost:8080 | head        a reader
 */
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect, createServer } from 'framepipe';

/** Records until the reader has said goodbye; each is made when there is room for it. */
async function* recordsFor(ws) {
  for (let id = 0; !ws.readableEnded; id++) yield { id, temperature: 20 + Math.sin(id / 10) };
}

/** Objects in, lines out. This is where a feed is filtered, sampled, renamed. */
function toLines() {
  return new Transform({
    objectMode: true,
    transform(record, _encoding, done) {
      if (record.id % 2 === 0) done(null, `${JSON.stringify({ ...record, unit: '°C' })}\n`);
      else done();
    },
  });
}

function serve() {
  // A small buffer: a reader that pauses gets fresh records when it goes on.
  const server = createServer({ maxBufferedBytes: 65_536 }, (ws) => {
    // Nothing that readers say matters, except goodbye.
    ws.resume();
    // It rejects for a reader who leaves without a goodbye.
    pipeline(recordsFor(ws), toLines(), ws).catch(() => {});
  });
  server.listen(process.env.PORT ?? 8080, () => console.log(`Feed: ws://localhost:${server.address().port}`));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
}

async function read(url) {
  const ws = connect(url, { readAs: 'bytes' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ws.end());
  process.stdout.once('error', () => ws.end());
  await pipeline(ws, process.stdout);
}

if (process.argv[2]) await read(process.argv[2]);
else serve();
