/** All bytes that a stream yields, as latin1 text. Unlike `stream/consumers`, leaves a Duplex open for its other side. */

import type { Readable } from 'node:stream';

export function received(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    stream.on('error', reject);
    stream.resume();
  });
}
