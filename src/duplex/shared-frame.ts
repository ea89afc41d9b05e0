/**
 * One frame as a server sends it, header and payload in one piece, for any number of peers.
 *
 * Knows: its layout. A client masks each frame with a key of its own (RFC 6455 §5.3), so it takes the payload out again.
 * Does not know: sockets, or what they have agreed on.
 */
import { allocate } from '../codec/bytes.js';
import type { Opcode } from '../codec/frame.js';
import { firstByte, headerBytes, writeHeader } from '../codec/header.js';

/** The mark of a compressed message (RFC 7692 §6), as `firstByte` takes it. */
export const RSV1 = 4;

/** A whole message in one frame. Its bytes never change. */
export class SharedFrame {
  readonly opcode: Opcode;
  readonly isCompressed: boolean;
  /** The first byte of the header. */
  readonly first: number;
  /** Header and payload, unmasked. */
  readonly wire: Buffer;
  /** The end of `wire`. */
  readonly payload: Buffer;

  /** Copies `payload`; `isCompressed` says what it is. */
  constructor(opcode: Opcode, payload: Uint8Array, isCompressed: boolean) {
    const headerSize = headerBytes(payload.length, false);
    this.opcode = opcode;
    this.isCompressed = isCompressed;
    this.first = firstByte(opcode, true, isCompressed ? RSV1 : 0);
    this.wire = allocate(headerSize + payload.length);
    writeHeader(this.wire, 0, this.first, payload.length, null);
    this.wire.set(payload, headerSize);
    this.payload = this.wire.subarray(headerSize);
  }
}
