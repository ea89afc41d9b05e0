/**
 * What a frame is (RFC 6455 §5.2).
 *
 * Knows: opcodes, the two roles, the shape of a decoded frame.
 * Does not know: how a frame is laid out on the wire (header.ts), or what a run of frames means (fragments.ts).
 */

/** Which end of the connection *we* are. A server receives masked frames and sends unmasked ones (§5.1). */
export type Role = 'client' | 'server';

/** The opcodes that RFC 6455 §5.2 defines; all others are reserved, and fail the connection. */
export const Opcode = {
  /** A fragment after the first of its message. */
  continuation: 0,
  /** A message of UTF-8, or its first fragment. */
  text: 1,
  /** A message of bytes, or its first fragment. */
  binary: 2,
  /** Begins or answers the closing handshake; may carry a code and a reason (§5.5.1). */
  close: 8,
  /** Asks for a pong with the same payload (§5.5.2). */
  ping: 9,
  /** Answers a ping, or tells that somebody is there (§5.5.3). */
  pong: 10,
} as const;

/** One of the numbers in `Opcode`. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** The largest payload that a control frame may carry, in bytes (§5.5). */
export const MAX_CONTROL_BYTES = 125;

/** One frame, unmasked. `payload` belongs to whoever holds the frame. */
export interface Frame {
  /** What the frame is; 0 continues a message. */
  opcode: Opcode;
  /** True on the last (or only) frame of a message. */
  fin: boolean;
  /** On the first frame of a compressed message, where permessage-deflate was agreed on (RFC 7692 §6). */
  rsv1: boolean;
  /** Reserved: false, until an extension gives it a meaning. */
  rsv2: boolean;
  /** Reserved, too. */
  rsv3: boolean;
  /** The payload, unmasked; of a control frame at most 125 bytes. */
  payload: Buffer;
}

/** Close, ping and pong: never fragmented, at most 125 bytes, allowed between the fragments of a message (§5.5). */
export function isControl(opcode: number): boolean {
  return opcode >= 8;
}

/** A frame with the flags that most frames have: FIN set, no reserved bits. Does not copy `payload`. */
export function frame(opcode: Opcode, payload: Buffer, fin = true): Frame {
  return { opcode, fin, rsv1: false, rsv2: false, rsv3: false, payload };
}
