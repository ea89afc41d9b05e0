/**
 * Neighbours for the stages under test: both stream libraries, readers that are slow or have stopped.
 *
 * Knows: node:stream and readable-stream, one turn of the event loop.
 * Does not know: WebSockets.
 */
import { once } from 'node:events';
import * as node from 'node:stream';
import * as userland from 'readable-stream';

/** The two libraries that a neighbour may come from, under one type. */
export const LIBRARIES: readonly (Pick<typeof node, 'Readable' | 'Writable' | 'PassThrough' | 'pipeline'> & {
  readonly library: string;
})[] = [
  { library: 'node:stream', ...node },
  { library: 'readable-stream', ...(userland as unknown as typeof node) },
];

export type Library = (typeof LIBRARIES)[number];

/** Lets everything that is ready run: one turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets several turns pass, for "nothing more happens". */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** Everything that a stream yields, once it has ended. Rejects with its error. */
export async function collect<T>(stream: node.Readable): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item as T);
  return items;
}

/** What a stream of bytes has at hand. One `read()` takes all of it up to Node 24, and one chunk of it from Node 26 on. */
export function readAll(stream: node.Readable): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The bytes that a stream yields, as one buffer. */
export async function collectBytes(stream: node.Readable): Promise<Buffer> {
  return Buffer.concat(await collect<Buffer>(stream));
}

/** The error that a stream fails with. */
export async function failureOf(stream: node.Stream): Promise<NodeJS.ErrnoException> {
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  return error;
}

/**
 * A Writable for objects that takes one at a time and says "next" a turn later whenever `isSlow` says so for that item.
 */
export function slowWriter<T>(library: Library, isSlow: (index: number) => boolean, items: T[]): node.Writable {
  return new library.Writable({
    objectMode: true,
    highWaterMark: 1,
    write(item: T, _, done) {
      items.push(item);
      if (isSlow(items.length)) setImmediate(done);
      else done();
    },
  });
}

/** Writes all items, minding backpressure, then ends. Stops when the stream closes. */
export async function feed(stream: node.Writable, items: Iterable<unknown>): Promise<void> {
  for (const item of items) {
    if (stream.destroyed) return;
    if (!stream.write(item)) await firstOf(stream, 'drain', 'close');
  }
  stream.end();
}

/** Resolves at the first of the events, and leaves no listener behind. */
function firstOf(stream: node.Stream, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      for (const event of events) stream.off(event, heard);
      resolve();
    };
    for (const event of events) stream.on(event, heard);
  });
}

/** Resolves with the error of a pipeline, or null. Counts how often it called back. */
export function pipelineEnd(
  library: Library,
  ...stages: readonly (node.Readable | node.Writable | node.Duplex)[]
): { readonly ended: Promise<NodeJS.ErrnoException | null>; readonly calls: () => number } {
  let calls = 0;
  const ended = new Promise<NodeJS.ErrnoException | null>((resolve) => {
    library.pipeline(stages as readonly node.Duplex[], (error) => {
      calls++;
      resolve(error ?? null);
    });
  });
  return { ended, calls: () => calls };
}
