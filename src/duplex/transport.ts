/**
 * The listeners on a transport: the same functions for every connection, so that an idle one holds no closures.
 *
 * Knows: how to find, from a transport that emits, who drives it; when a transport has let go of what it was given.
 * Does not know: what its bytes mean.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ignoreErrors } from '../handshake/stream/linger.js';
import { FLUSHES } from './flushes.js';
import { SharedReads } from './shared-reads.js';

/** Who drives a transport. */
export interface TransportDriver {
  /** What `isLent` will be written over when this returns. */
  received(chunk: Buffer, isLent: boolean): void;
  ended(): void;
  transportFailed(cause: Error): void;
  transportClosed(): void;
}

const DRIVER = Symbol('driver');

type Driven = Duplex & { [DRIVER]: TransportDriver };

const READS = new SharedReads({
  taken: (transport, bytes) => {
    FLUSHES.begin();
    try {
      (transport as Driven)[DRIVER].received(bytes, true);
    } finally {
      FLUSHES.end();
    }
  },
  spoiled: (transport, cause) => (transport as Driven)[DRIVER].transportFailed(cause),
});

/** Lets `driver` hear of everything that `transport` does, which it drives alone. Reading begins. */
export function drive(transport: Duplex, driver: TransportDriver): void {
  (transport as Driven)[DRIVER] = driver;
  READS.share(transport);
  transport.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  // The opening handshake is over: errors have an owner.
  transport.off('error', ignoreErrors);
}

const { write, _write, _writev } = Socket.prototype as Duplex;

/**
 * True when nobody reads any more what was written to `transport`: a socket of net or tls has called back only when the
 * system, or the cipher, has its own copy. Of other streams, and of sockets whose writes go elsewhere first, nobody knows.
 */
export function holdsNothing(transport: Duplex): boolean {
  if (transport.writableLength > 0 || !(transport instanceof Socket)) return false;
  const socket: Duplex = transport;
  return socket.write === write && socket._write === _write && socket._writev === _writev;
}

function onData(this: Driven, chunk: Buffer): void {
  this[DRIVER].received(chunk, false);
}

function onEnd(this: Driven): void {
  this[DRIVER].ended();
}

function onError(this: Driven, cause: Error): void {
  this[DRIVER].transportFailed(cause);
}

function onClose(this: Driven): void {
  this[DRIVER].transportClosed();
}
