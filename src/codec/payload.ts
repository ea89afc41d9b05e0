/**
 * The values that a caller may pass as bytes. Nothing is guessed: a number, an array or null has no bytes, so
 * uninitialised memory can never be sent for one.
 */
import { Buffer } from 'node:buffer';

/** The global is an accessor: to ask it for each message costs more than what is asked here. */
const BufferClass = Buffer;

/** A Buffer over the very bytes of a view or an ArrayBuffer, without a copy; null for anything else. */
export function bytesOf(value: unknown): Buffer | null {
  if (value instanceof BufferClass) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(value);
  return null;
}
