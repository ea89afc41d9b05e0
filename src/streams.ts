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

/** What a stream's own events bring; those that bring nothing are listed, too, so that a listener may not expect more. */
interface StreamEvents<Item> {
  data: [item: Item];
  error: [error: Error];
  pipe: [source: node.Readable];
  unpipe: [source: node.Readable];
  close: [];
  drain: [];
  end: [];
  finish: [];
  pause: [];
  readable: [];
  resume: [];
}

/** A listener for an event of the user's own, as Node declares it. */
type Listener = Parameters<node.Duplex['on']>[1];

/**
 * A Duplex that says what it reads, and what events of its own bring. At run time it is any Duplex. `read` stays as Node
 * declares it: with null in its type, it would be no NodeJS.ReadableStream any more.
 */
export interface DuplexOf<Item, Events = unknown> extends node.Duplex {
  /** As Readable.toArray: all items until the end; rejects with the stream's error. */
  toArray(options?: Parameters<node.Readable['toArray']>[0]): Promise<Item[]>;
  /** As Readable.iterator: a loop over the items that may be left without destroying the stream. */
  iterator(options?: Parameters<node.Readable['iterator']>[0]): NodeJS.AsyncIterator<Item>;
  /** The items until the end; throws the stream's error. Leaving the loop destroys the stream. */
  [Symbol.asyncIterator](): NodeJS.AsyncIterator<Item>;
  /** Listens, with what the event brings. */
  on<E extends keyof (StreamEvents<Item> & Events)>(event: E, listener: ListenerOf<Item, Events, E>): this;
  on(event: string | symbol, listener: Listener): this;
  /** Listens until the event has come once. */
  once<E extends keyof (StreamEvents<Item> & Events)>(event: E, listener: ListenerOf<Item, Events, E>): this;
  once(event: string | symbol, listener: Listener): this;
}

type ListenerOf<Item, Events, E extends keyof (StreamEvents<Item> & Events)> = (
  ...about: Extract<(StreamEvents<Item> & Events)[E], unknown[]>
) => void;

/** The class of such a Duplex. */
export const DuplexOf = Duplex as unknown as new <Item, Events>(options?: node.DuplexOptions) => DuplexOf<Item, Events>;

export type Transform = node.Transform;
/** What is written comes out changed (`stream.Transform`). */
export const Transform = userland.Transform as unknown as StreamClass<node.Transform, node.TransformOptions>;

export type PassThrough = node.PassThrough;
/** What is written comes out as it is (`stream.PassThrough`). */
export const PassThrough = userland.PassThrough as unknown as StreamClass<node.PassThrough, node.TransformOptions>;

/** Connects streams, forwards errors, destroys all when one fails (`stream.pipeline`, the callback form). */
export const pipeline: typeof node.pipeline = userland.pipeline;

export type { DuplexOptions, ReadableOptions, TransformCallback, TransformOptions, WritableOptions } from 'node:stream';
