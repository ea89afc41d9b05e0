/**
 * Upload a file of any size as one message; its SHA-256 comes back. Neither side ever holds the file.
 *
 *     PORT=8080 node upload-hash.mjs                             the server
 *     node upload-hash.mjs ws://localhost:8080 some-file.iso     an upload
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { connect, createServer } from 'framepipe';

function serve() {
  const server = createServer({ readAs: 'stream', maxMessageBytes: Number.POSITIVE_INFINITY }, async (ws) => {
    try {
      // One turn for each message; the message is a Readable that starts before its last byte has been sent.
      for await (const upload of ws) {
        const hash = createHash('sha256');
        await pipeline(upload, hash);
        ws.write(hash.digest('hex'));
      }
    } catch (error) {
      console.error(error.message);
    }
  });
  server.listen(process.env.PORT ?? 8080, () => console.log(`Upload: ws://localhost:${server.address().port}`));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
}

async function upload(url, path) {
  const ws = connect(url);
  ws.write(createReadStream(path));
  for await (const hash of ws) {
    console.log(hash);
    ws.end();
  }
}

if (process.argv.length > 3) await upload(process.argv[2], process.argv[3]);
else serve();
