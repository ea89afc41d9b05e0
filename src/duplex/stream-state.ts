/**
 * What a WebSocketDuplex has to know about Node's streams from the inside.
 *
 * Knows: the few fields and habits of stream code that have no public name, each with its reason. Node's own streams and
 * readable-stream share them.
 * Does not know: WebSockets.
 */
import type { Duplex, Writable } from 'node:stream';
import { type DuplexOptions, Readable } from '../streams.js';
import type { ReadAs } from './options.js';

/** More messages than memory holds, and a small integer: larger ones take memory of their own. */
const NO_LIMIT = 2 ** 31 - 1;

/** How a WebSocketDuplex sets up the streams that it is. */
export function duplexOptions(readAs: ReadAs): DuplexOptions {
  const inBytes = readAs === 'bytes';
  return {
    readableHighWaterMark: inBytes ? 65_536 : 0,
    readableObjectMode: !inBytes,
    writableObjectMode: true,
    // `write` counts bytes itself: a number of messages says nothing about memory.
    writableHighWaterMark: NO_LIMIT,
  };
}

interface InnerState {
  readonly _writableState: { needDrain: boolean };
  readonly _readableState: { autoDestroy: boolean; readonly closed: boolean; readonly pipes?: readonly Writable[] };
  _events: { readonly data?: unknown } | undefined;
}

const NO_EVENTS: object = Object.freeze(Object.create(null));

const inner = (stream: unknown) => stream as InnerState;

/**
 * Gives a new stream a table of listeners that is an object with a shape. The one that an EventEmitter begins with is a
 * hash table, since it has no prototype at all: five times the memory for a few events.
 */
export function shapeEvents(stream: Duplex): void {
  inner(stream)._events = Object.assign(Object.create(NO_EVENTS), inner(stream)._events);
}

/** The stream code of Node, Bun and Deno, as their stack traces name it. No file of a program has such a name. */
const STREAM_CODE = /\((?:node:internal\/|internal:|ext:deno_node\/internal\/)streams\//;

/** Whether `getter`, which calls this, was called by the runtime's own stream code. Takes a few microseconds. */
function isAskedByStreams(getter: () => unknown): boolean {
  const { stackTraceLimit } = Error;
  const caller = { stack: '' };
  // Not by assignment, which throws where the intrinsics are frozen.
  Reflect.set(Error, 'stackTraceLimit', 1);
  Error.captureStackTrace(caller, getter);
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  return STREAM_CODE.test(String(caller.stack));
}

/** What a stream's own `closed` is: true once 'close' was emitted. */
function isClosed(stream: Duplex): boolean {
  return inner(stream)._readableState.closed;
}

/** Defines `closed` of a class: to stream code its boolean, to everybody else what `promise` says (docs/adr/0010). */
export function defineClosed<Socket extends Duplex>(prototype: Socket, promise: (socket: Socket) => unknown): void {
  const get = function (this: Socket): unknown {
    return isAskedByStreams(get) ? isClosed(this) : promise(this);
  };
  Object.defineProperty(prototype, 'closed', { get });
}

/** Asks Writable for a 'drain' when its queue is empty again; its own count, of objects, never would. */
export function askForDrain(stream: Writable): void {
  inner(stream)._writableState.needDrain = true;
}

/**
 * Whether an async iterator that has come to the end may destroy the stream. It does so even when the other side of a
 * Duplex is still at work, which would lose what a generator in a pipeline says last.
 */
export function mayBeDestroyedAtEnd(stream: Duplex, may: boolean): void {
  inner(stream)._readableState.autoDestroy = may;
}

/**
 * True while a source is piped into `stream`: `pipe` listens for 'unpipe'; `pipeline` with an iterable listens for
 * 'drain' and 'finish' together, while a user who minds backpressure by hand listens for 'drain'.
 */
export function isFed(stream: Duplex): boolean {
  if (stream.listenerCount('unpipe') > 0) return true;
  return stream.listenerCount('drain') > 0 && stream.listenerCount('finish') > 0;
}

/** What was the last to listen for 'data'; undefined when nobody does. After `pipe` that is its own listener. */
export function lastReader(source: Duplex): unknown {
  const data = inner(source)._events?.data;
  return Array.isArray(data) ? data.at(-1) : data;
}

/**
 * The stream that alone gets what `source` reads, at once, by `pipe` or `pipeline`; null when there is none, when somebody else
 * listens, and while anything waits. `piping` is what the last `pipe` listens with.
 */
export function onlyPipe(source: Duplex, piping: unknown): Writable | null {
  if (source.readableFlowing !== true || source.readableLength > 0) return null;
  const { _readableState, _events } = inner(source);
  // One listener stands there by itself, two are a list. `pipe` stays although somebody has put one of their own in its place.
  if (_readableState.pipes?.length !== 1 || _events?.data !== piping) return null;
  return _readableState.pipes[0] ?? null;
}

/** True when somebody reads `stream`, or has read from it and paused. */
export function isRead(stream: Duplex): boolean {
  return stream.readableFlowing !== null || stream.listenerCount('readable') > 0;
}

/**
 * Takes and drops what comes when nobody reads: unread messages must not hide the peer's close frame. Messages that come
 * as streams are read to their end. A reader that has paused on purpose is left alone.
 */
export function readOnWithoutReader(stream: Duplex): void {
  if (isRead(stream)) return;
  stream.on('data', (item: unknown) => {
    if (item instanceof Readable) item.resume();
  });
}
