/**
 * Writes numbered messages for ever, as fast as the library lets it, until it is told to finish.
 * Arguments: our side, the HTTP version, bytes of a message, 'pipeline' or 'write'.
 */
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { meet } from './meeting.mjs';
import { watchMemory } from './memory.mjs';
import { report, told } from './parent.mjs';

const [side, http, size, style] = [process.argv[2], process.argv[3], Number(process.argv[4]), process.argv[5]];
const { ws, server } = await meet(side, http);
await ws.opened;
const memory = watchMemory();
let finished = false;
let produced = 0;
told('finish').then(() => {
  finished = true;
});
report('open');
told('figures').then(() => report('figures', { growth: memory.growth(), produced, bufferedBytes: ws.bufferedBytes }));

function* messages() {
  while (!finished) {
    const message = Buffer.alloc(size, 7);
    message.writeDoubleBE(produced);
    produced++;
    yield message;
  }
}

/** What `pipeline` does, by hand: stop when `write` says so, go on at 'drain'. */
async function writeAll() {
  for (const message of messages()) if (!ws.write(message)) await once(ws, 'drain');
  await ws.close();
}

await (style === 'write' ? writeAll() : pipeline(messages, ws));
report('done', { produced, closeCode: (await ws.closed).code });
await server?.close();
