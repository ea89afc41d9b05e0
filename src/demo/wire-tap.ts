/**
 * An oscilloscope for one direction of a WebSocket.
 *
 * Knows: the layout of a frame (RFC 6455 §5.2), and how to describe each one that goes by, however the bytes are cut.
 * Does not know: what is legal. A frame that fails the connection is the one that somebody wants to see, so header.ts,
 * which stops at the first illegal bit, is no help here. Never changes, keeps or delays a byte of the wire.
 */
import { Buffer } from 'node:buffer';
import { unmask } from '../codec/mask.js';

/** How the payload length is written (§5.2): in 7 bits, or in the 16 or 64 bits that follow them. */
export type LengthForm = '7' | '7+16' | '7+64';

/** One frame as it was on the wire. Byte strings are lower-case hex, cut to the tap's preview. */
export interface FrameDescription {
  /** Frames before this one in the same direction. */
  readonly number: number;
  /** Bytes before this frame in the same direction. */
  readonly offset: number;
  /** When its header was complete, in milliseconds since the epoch. */
  readonly at: number;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly rsv2: boolean;
  readonly rsv3: boolean;
  /** Any value from 0 to 15: also the reserved ones. */
  readonly opcode: number;
  readonly form: LengthForm;
  /** Payload bytes that the header announces; above 2^53 not exact. */
  readonly length: number;
  /** The masking key in wire order, or null when MASK is 0. */
  readonly key: string | null;
  readonly headerBytes: number;
  /** Payload bytes that have gone by. Less than `length` while the frame is still arriving. */
  readonly arrived: number;
  /** The first bytes of the frame, header included, masked as they are. */
  readonly wire: string;
  /** The first payload bytes, unmasked. */
  readonly payload: string;
}

/** How much a tap shows, and its clock. */
export interface WireTapOptions {
  /** Wire bytes of each frame that a description shows. Default 256. */
  readonly previewBytes?: number;
  readonly now?: () => number;
}

const MAX_HEADER_BYTES = 14;
const LENGTH_BYTES = { '7': 0, '7+16': 2, '7+64': 8 } as const;

/** The frame that is going by: what its header said, and what was kept of its bytes. */
interface Passing {
  readonly header: Omit<FrameDescription, 'arrived' | 'wire' | 'payload'>;
  readonly wire: Buffer;
  arrived: number;
}

/** Push the bytes of one direction; frames come out as descriptions. */
export class WireTap {
  readonly #onFrame: (frame: FrameDescription) => void;
  readonly #previewBytes: number;
  readonly #now: () => number;
  readonly #head = Buffer.alloc(MAX_HEADER_BYTES);
  #headBytes = 0;
  #passing: Passing | null = null;
  #frames = 0;
  #offset = 0;
  #dataBytes = 0;

  /**
   * `onFrame` is called once when a frame has gone by; for a frame that spans chunks also at the end of each chunk, with
   * the same number and a growing `arrived`.
   */
  constructor(onFrame: (frame: FrameDescription) => void, options: WireTapOptions = {}) {
    this.#onFrame = onFrame;
    this.#previewBytes = Math.max(MAX_HEADER_BYTES, options.previewBytes ?? 256);
    this.#now = options.now ?? Date.now;
  }

  /** Payload bytes of text, binary and continuation frames that have gone by. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Looks at the next bytes of the direction. Borrows `chunk` for the call. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      at += this.#passing === null ? this.#readHead(chunk, at) : this.#readPayload(this.#passing, chunk, at);
    }
    if (this.#passing !== null) this.#onFrame(describe(this.#passing));
  }

  /** Takes header bytes up to the end of the header or of the chunk; returns how many. */
  #readHead(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#head[this.#headBytes++] = chunk[at++] ?? 0;
      if (this.#headBytes === sizeOfHead(this.#head, this.#headBytes)) {
        this.#begin();
        break;
      }
    }
    return at - from;
  }

  #begin(): void {
    const head = this.#head.subarray(0, this.#headBytes);
    const header = { number: this.#frames, offset: this.#offset, at: this.#now(), ...readHead(head) };
    const wire = Buffer.alloc(Math.min(this.#previewBytes, header.headerBytes + header.length));
    head.copy(wire);
    this.#passing = { header, wire, arrived: 0 };
    this.#frames++;
    this.#offset += head.length + header.length;
    this.#headBytes = 0;
    if (header.length === 0) this.#finish(this.#passing);
  }

  #readPayload(passing: Passing, chunk: Uint8Array, at: number): number {
    const { header, wire } = passing;
    const size = Math.min(header.length - passing.arrived, chunk.length - at);
    const to = header.headerBytes + passing.arrived;
    if (to < wire.length) wire.set(chunk.subarray(at, at + Math.min(size, wire.length - to)), to);
    passing.arrived += size;
    if (header.opcode < 8) this.#dataBytes += size;
    if (passing.arrived === header.length) this.#finish(passing);
    return size;
  }

  #finish(passing: Passing): void {
    this.#passing = null;
    this.#onFrame(describe(passing));
  }
}

/** The size of the header whose first `known` bytes are in `head`; 2 until those are there. */
function sizeOfHead(head: Buffer, known: number): number {
  if (known < 2) return 2;
  const second = head.readUInt8(1);
  return 2 + LENGTH_BYTES[formOf(second)] + (second >= 0x80 ? 4 : 0);
}

function formOf(second: number): LengthForm {
  const short = second & 0x7f;
  if (short < 126) return '7';
  return short === 126 ? '7+16' : '7+64';
}

function readHead(head: Buffer) {
  const first = head.readUInt8(0);
  const second = head.readUInt8(1);
  const form = formOf(second);
  return {
    fin: (first & 0x80) !== 0,
    rsv1: (first & 0x40) !== 0,
    rsv2: (first & 0x20) !== 0,
    rsv3: (first & 0x10) !== 0,
    opcode: first & 0x0f,
    form,
    length: lengthOf(head, form),
    key: second >= 0x80 ? head.toString('hex', head.length - 4) : null,
    headerBytes: head.length,
  };
}

function lengthOf(head: Buffer, form: LengthForm): number {
  if (form === '7+16') return head.readUInt16BE(2);
  if (form === '7+64') return Number(head.readBigUInt64BE(2));
  return head.readUInt8(1) & 0x7f;
}

function describe({ header, wire, arrived }: Passing): FrameDescription {
  const seen = wire.subarray(0, header.headerBytes + arrived);
  const payload = Buffer.from(seen.subarray(header.headerBytes));
  if (header.key !== null) unmask(payload, Buffer.from(header.key, 'hex').readInt32LE(0));
  return { ...header, arrived, wire: seen.toString('hex'), payload: payload.toString('hex') };
}
