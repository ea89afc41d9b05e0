/**
 * The bytes of a file that somebody has named.
 *
 * Knows: that an error while reading has to say which file it was, which Node's do not.
 * Does not know: what is in it.
 */
import { createReadStream } from 'node:fs';

/** In chunks, as they are read. Rejects with Node's error, with the `path` in it. */
export async function* bytesOf(path: string): AsyncGenerator<Buffer, void> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (error) {
    throw Object.assign(error as Error, { path });
  }
}
