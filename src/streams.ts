/**
 * The stream classes that everything here extends: readable-stream's at run time, node:stream's by type.
 *
 * Knows: that the two are the same API (readable-stream is Node's own stream code, published as a package), and where
 * they part: the `toWeb`/`fromWeb` statics exist only in Node, and `instanceof` does not cross between them.
 * Does not know: anything about WebSockets.
 *
 * Why not import 'readable-stream' in place: its types live in `@types/readable-stream`. Our declarations would mention
 * them, so each TypeScript user would have to install that package or get errors. Declared as node:stream's classes,
 * our streams need only `@types/node`, and `stream.pipeline` takes them without a cast. The reference below is kept in
 * the declarations (`preserve`), so that installing `@types/node` is enough: TypeScript 6 loads no types unasked.
 * test/unit/streams.test.ts compares the two APIs member by member, so this claim cannot rot.
 */
/// <reference types="node" preserve="true" />
import type * as node from 'node:stream';
import * as userland from 'readable-stream';

/** The static side that both implementations have: construct, subclass, `from`. */
interface StreamClass<Instance, Options> {
  new (options?: Options): Instance;
  readonly prototype: Instance;
}

interface StreamClassFrom<Instance, Options, From> extends StreamClass<Instance, Options> {
  /** Inherited from node:stream: a stream from an iterable, a promise or a value. */
  readonly from: From;
}

export type Readable = node.Readable;
/** A source of chunks or objects (`stream.Readable`). */
export const Readable = userland.Readable as unknown as StreamClassFrom<
  node.Readable,
  node.ReadableOptions,
  typeof node.Readable.from
>;

export type Writable = node.Writable;
/** A destination of chunks or objects (`stream.Writable`). */
export const Writable = userland.Writable as unknown as StreamClass<node.Writable, node.WritableOptions>;

export type Duplex = node.Duplex;
/** Both at once, with independent sides (`stream.Duplex`). */
export const Duplex = userland.Duplex as unknown as StreamClassFrom<
  node.Duplex,
  node.DuplexOptions,
  typeof node.Duplex.from
>;

export type Transform = node.Transform;
/** What is written comes out changed (`stream.Transform`). */
export const Transform = userland.Transform as unknown as StreamClass<node.Transform, node.TransformOptions>;

export type PassThrough = node.PassThrough;
/** What is written comes out as it is (`stream.PassThrough`). */
export const PassThrough = userland.PassThrough as unknown as StreamClass<node.PassThrough, node.TransformOptions>;

/** Connects streams, forwards errors, destroys all when one fails (`stream.pipeline`, the callback form). */
export const pipeline: typeof node.pipeline = userland.pipeline;

export type { DuplexOptions, ReadableOptions, TransformCallback, TransformOptions, WritableOptions } from 'node:stream';
