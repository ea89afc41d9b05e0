/**
 * The bytes of one direction of a connection, as they were on the wire.
 *
 * Knows: the HTTP head that may be in front, and how to tell who sent the bytes.
 * Does not know: frames, beyond their mask bit (RFC 6455 §5.2).
 */
import type { Role } from '../../codec/frame.js';
import { extensionsOf, headEnd, headLine } from './http-head.js';

/** A capture that cannot be read. Its message is a sentence for the user. */
export class CaptureError extends Error {}

/** What a raw capture is, once its head is off. */
export interface RawCapture {
  readonly from: Role;
  readonly bytes: Buffer;
  /** Sec-WebSocket-Extensions of a 101 in front; null when there was none. */
  readonly extensions: string | null;
}

const MASK_BIT = 0x80;

/** Takes the head off and finds out the sender, unless `from` names one. Throws a CaptureError for a head without an end. */
export function rawCapture(file: Buffer, from: Role | null = null): RawCapture {
  const line = headLine(file, 0);
  if (line === null) return { from: from ?? senderOf(file), bytes: file, extensions: null };
  const end = headEnd(file, 0);
  if (end < 0) throw new CaptureError('The capture ends within its HTTP head.');
  const bytes = file.subarray(end);
  const sender = line === 'response' ? 'server' : 'client';
  return { from: from ?? sender, bytes, extensions: line === 'response' ? extensionsOf(file.subarray(0, end)) : null };
}

/** A client masks, a server does not (§5.1). */
function senderOf(bytes: Buffer): Role {
  return ((bytes[1] ?? MASK_BIT) & MASK_BIT) !== 0 ? 'client' : 'server';
}
