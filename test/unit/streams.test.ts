import * as node from 'node:stream';
import { pipeline as pipelinePromise } from 'node:stream/promises';
import * as streams from '../../src/streams.js';

const PAIRS = [
  { name: 'Readable', ours: streams.Readable, theirs: node.Readable },
  { name: 'Writable', ours: streams.Writable, theirs: node.Writable },
  { name: 'Duplex', ours: streams.Duplex, theirs: node.Duplex },
  { name: 'Transform', ours: streams.Transform, theirs: node.Transform },
  { name: 'PassThrough', ours: streams.PassThrough, theirs: node.PassThrough },
];

/** Members of newer versions of Node that @types/node 20 does not declare: asyncDispose came with 20, the other with 26. */
const UNDECLARED = new Set([
  'Symbol(Symbol.asyncDispose)',
  'Symbol(nodejs.asyncDispose)',
  'Symbol(Stream.toAsyncStreamable)',
]);

/** Every member name along a prototype chain. */
function membersOf(prototype: object): Set<PropertyKey> {
  const names = new Set<PropertyKey>();
  for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) names.add(name);
  }
  return names;
}

test.each(PAIRS)('$name has every member that its type promises', ({ ours, theirs }) => {
  const present = membersOf(ours.prototype);
  const promised = [...membersOf(theirs.prototype)];
  const missing = promised.filter((member) => !present.has(member) && !UNDECLARED.has(String(member)));
  expect(missing).toEqual([]);
});

test('a subclass calls super, reads as a node:stream type, and goes through a node:stream pipeline', async () => {
  class Upper extends streams.Transform {
    override _transform(chunk: Buffer, _: BufferEncoding, done: streams.TransformCallback): void {
      done(null, chunk.toString().toUpperCase());
    }

    override _read(size: number): void {
      super._read(size);
    }
  }
  const upper: node.Transform = new Upper();
  const heard: string[] = [];
  const sink = new node.Writable({
    write(chunk: Buffer, _, done) {
      heard.push(chunk.toString());
      done();
    },
  });
  await pipelinePromise(node.Readable.from(['a', 'b']), upper, sink);
  expect(heard.join('')).toBe('AB');
});

test('Readable.from and pipeline are the package’s own', async () => {
  const done = new Promise<void>((resolve, reject) => {
    const sink = new streams.PassThrough({ objectMode: true });
    streams.pipeline(streams.Readable.from([1, 2]), sink, (error) => (error ? reject(error) : resolve()));
    sink.resume();
  });
  await expect(done).resolves.toBeUndefined();
});
