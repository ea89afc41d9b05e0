/**
 * Close codes and the payload of a close frame (RFC 6455 §5.5.1, §7.4).
 *
 * Knows: which codes may be on the wire, how code and reason are laid out.
 * Does not know: when to close.
 */
import { Buffer } from 'node:buffer';
import { UsageError, violation, WebSocketError } from '../errors.js';
import { MAX_CONTROL_BYTES } from './frame.js';
import { decodeUtf8 } from './utf8.js';

/** Codes that this library itself sends or reports; the meaning of each is in RFC 6455 §7.4.1. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  messageTooBig: 1009,
  internalError: 1011,
} as const;

/** What a close frame says. `code` is 1005 when it says nothing. */
export interface CloseReason {
  /** 1000 to 4999 (RFC 6455 §7.4); 1005 was not on the wire. */
  readonly code: number;
  /** At most 123 bytes of UTF-8; '' when there is none. */
  readonly reason: string;
}

/** The longest reason: a control frame's 125 bytes less the code, counted in UTF-8 bytes. */
export const MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2;

/**
 * True for codes that may stand in a close frame: those that RFC 6455 and the IANA registry define (1000-1003,
 * 1007-1014), those for libraries (3000-3999) and for applications (4000-4999). 1004, 1005, 1006 and 1015 may not.
 */
export function isWireCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/** Reads the payload of a close frame. Throws a ProtocolError; `facts` go into it. Borrows `payload` for the call. */
export function decodeClose(payload: Buffer, facts: Readonly<Record<string, number>> = {}): CloseReason {
  if (payload.length === 0) return { code: CloseCode.noStatus, reason: '' };
  if (payload.length === 1) throw violation('CLOSE_TRUNCATED', facts);
  const code = payload.readUInt16BE(0);
  if (!isWireCloseCode(code)) throw violation('CLOSE_CODE_INVALID', { closeCode: code, ...facts });
  const reason = decodeUtf8(payload, 2, payload.length);
  if (reason === null) throw violation('INVALID_UTF8', { inCloseReason: true, ...facts });
  return { code, reason };
}

/**
 * The payload of a close frame, in a buffer of its own. Without a code (or with 1005) it is empty.
 * Throws a UsageError for a code that must not be sent, and for a reason over 123 bytes or without a code.
 */
export function encodeClose(code: number = CloseCode.noStatus, reason = ''): Buffer {
  if (typeof reason !== 'string') throw new UsageError('The reason of a close is a string.');
  const size = Buffer.byteLength(reason);
  if (code === CloseCode.noStatus && size === 0) return Buffer.alloc(0);
  if (!isWireCloseCode(code)) throw new UsageError('This close code must not be sent.', { code: Number(code) });
  if (size > MAX_REASON_BYTES) {
    throw new UsageError(`The reason of a close has at most ${MAX_REASON_BYTES} bytes.`, { bytes: size });
  }
  const payload = Buffer.alloc(2 + size);
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

/**
 * What the peer is told when the connection fails with `error`: its close code and its sentence, 1011 for an error that
 * is none of ours. Null when there is nothing to say, or nobody to say it to.
 */
export function closeFor(error: Error | null): CloseReason | null {
  if (error === null) return null;
  if (!(error instanceof WebSocketError)) return { code: CloseCode.internalError, reason: '' };
  const { closeCode, message } = error;
  if (closeCode === null || !isWireCloseCode(closeCode)) return null;
  // Sentences of violations are ASCII: as many bytes as characters.
  return { code: closeCode, reason: message.slice(0, MAX_REASON_BYTES) };
}
