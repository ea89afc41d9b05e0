/** Sockets as web streams and back, over real sockets. */
import * as node from 'node:stream';
import { Readable } from 'node:stream';
import { CAPITALS, shouting, WORDS } from '../support/shouting.js';
import { collect } from '../support/streams.js';
import { both, connected } from '../support/web-sockets.js';

test('Duplex.toWeb: a pair of web streams', async () => {
  const { url } = await shouting();
  const { readable, writable } = node.Duplex.toWeb(connected(url));
  const writer = writable.getWriter();
  const writing = (async () => {
    for (const word of WORDS) await writer.write(word);
    await writer.close();
  })();
  const got: unknown[] = [];
  for await (const message of readable) got.push(message);
  await writing;
  expect(got).toEqual(CAPITALS);
});

test('Duplex.fromWeb: web streams into a socket and back', async () => {
  const { url } = await shouting();
  const web = node.Duplex.toWeb(connected(url));
  const back = node.Duplex.fromWeb(web as Parameters<typeof node.Duplex.fromWeb>[0], { objectMode: true });
  Readable.from(WORDS).pipe(back);
  expect(await collect(back)).toEqual(CAPITALS);
});

test('a web ReadableStream piped into Duplex.toWeb(ws).writable', async () => {
  const { client, server } = await both();
  const got = collect(server);
  await Promise.all([ReadableStream.from(WORDS).pipeTo(node.Duplex.toWeb(client).writable), client.resume()]);
  expect(await got).toEqual(WORDS);
});
