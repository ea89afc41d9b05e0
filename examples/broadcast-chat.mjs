/**
 * A chat room: what one says, all get. A client that does not keep up is let go, so that it costs nobody any memory.
 *
 *     PORT=8080 node broadcast-chat.mjs              the room
 *     node broadcast-chat.mjs ws://localhost:8080    somebody in it: type lines
 */
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { connect, createServer, prepare } from 'framepipe';

/** Bytes that may wait for one client. */
const MAX_WAITING_BYTES = 1024 * 1024;

function openRoom() {
  const server = createServer({ maxMessageBytes: 4096, maxBufferedBytes: MAX_WAITING_BYTES }, (ws) => {
    ws.on('data', say);
  });

  function say(line) {
    // Framed once, however many listen.
    const message = prepare(line);
    for (const ws of server.connections) {
      if (!ws.writable) continue;
      if (ws.bufferedBytes > MAX_WAITING_BYTES) ws.destroy();
      else ws.write(message);
    }
  }

  server.listen(process.env.PORT ?? 8080, () => console.log(`Chat: ws://localhost:${server.address().port}`));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
}

async function joinRoom(url) {
  const ws = connect(url);
  const lines = createInterface({ input: process.stdin });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => lines.close());
  const typing = pipeline(lines, ws);
  for await (const line of ws) console.log(line);
  // The room is closed: nobody listens any more.
  lines.close();
  await typing;
}

if (process.argv[2]) await joinRoom(process.argv[2]);
else openRoom();
