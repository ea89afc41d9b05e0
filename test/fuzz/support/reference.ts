/**
 * RFC 6455 §5 and RFC 7692 §6 as a page: a whole wire in, what it says out, as plainly as possible.
 *
 * Knows: every rule that a receiver has to keep, and when the bytes that are here prove that one is broken.
 * Does not know: chunks, speed. It shares no code with src.
 */
import { largestFrameTo, type Recipient } from './fuzz-case.js';
import type { Oddity, Outcome } from './outcome.js';
import { inflateReference } from './reference-inflate.js';

class Violation extends Error {
  readonly closeCode: number;
  readonly code: string;

  constructor(closeCode: number, code = 'broken') {
    super();
    this.closeCode = closeCode;
    this.code = code;
  }
}

/** What outlives a message: the window of the inflater. And the oddities of the wire, each with the events before it. */
interface Memory {
  window: Buffer;
  readonly oddities: Map<Oddity, number>;
}

/** What a wire says. */
export function reference(recipient: Recipient, wire: Buffer): Outcome {
  const events: string[] = [];
  const memory: Memory = { window: Buffer.alloc(0), oddities: new Map() };
  const { oddities } = memory;
  try {
    let open: Message | null = null;
    for (let at = 0; at < wire.length; ) {
      const header = readHeader(wire.subarray(at), recipient, open !== null);
      if (header === null) break;
      const { opcode, fin, rsv1, start, length, key } = header;
      const payload = wire.subarray(at + start, at + start + length).map((byte, i) => byte ^ (key?.[i % 4] ?? 0));
      const whole = at + start + length <= wire.length;
      at += start + length;
      if (opcode >= 8) {
        if (!whole) break;
        events.push(control(opcode, Buffer.from(payload)));
        if (opcode === 8) break;
        continue;
      }
      open ??= new Message(opcode === 1, rsv1, recipient, memory);
      open.announce(length, events.length);
      const message = open.take(payload, fin && whole, events.length);
      if (message === null) continue;
      events.push(message);
      open = null;
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { events, closeCode: error.closeCode, code: error.code, why: '', oddities };
  }
  return { events, closeCode: 0, code: '', why: '', oddities };
}

/** A message that is open. `before` is how many events came before what is taken now. */
class Message {
  readonly #decoder: InstanceType<typeof TextDecoder> | null;
  readonly #isCompressed: boolean;
  readonly #limitBytes: number;
  readonly #memory: Memory;
  #announced = 0;
  #raw: Buffer = Buffer.alloc(0);
  #plain: Buffer = Buffer.alloc(0);
  #text = '';

  constructor(isText: boolean, isCompressed: boolean, { limitBytes, deflate }: Recipient, memory: Memory) {
    this.#decoder = isText ? utf8() : null;
    this.#isCompressed = isCompressed;
    this.#limitBytes = limitBytes;
    this.#memory = memory;
    if (deflate?.takeover === false) memory.window = Buffer.alloc(0);
  }

  announce(length: number, before: number): void {
    this.#announced += length;
    if (this.#announced <= this.#limitBytes) return;
    if (!this.#isCompressed) throw new Violation(1009);
    this.#note('more compressed bytes than the limit', before);
  }

  /** The message as an event when this is the end of it, or null. */
  take(payload: Uint8Array, isEnd: boolean, before: number): string | null {
    this.#raw = Buffer.concat([this.#raw, payload]);
    const plain = this.#isCompressed ? this.#inflate(isEnd, before) : this.#raw;
    const fresh = plain.subarray(this.#plain.length, this.#limitBytes);
    this.#plain = plain;
    const isOver = plain.length > this.#limitBytes;
    if (this.#decoder !== null) this.#text += decode(this.#decoder, fresh, !isEnd || isOver);
    if (isOver) throw new Violation(1009);
    if (!isEnd) return null;
    return this.#decoder === null ? `binary ${plain.toString('latin1')}` : `text ${this.#text}`;
  }

  #inflate(isEnd: boolean, before: number): Buffer {
    if (isEnd && this.#raw.length === 0) this.#note('a compressed message of no bytes', before);
    const inflated = inflateReference(this.#raw, this.#memory.window, isEnd);
    if (inflated.hadFinalBlock) this.#note('a final block', before);
    if (!inflated.isLegal) {
      if (inflateReference(this.#raw, this.#memory.window, false).isLegal) this.#note('an end within a block', before);
      throw new Violation(1007, 'deflate');
    }
    if (isEnd) this.#memory.window = inflated.window;
    return inflated.plain;
  }

  #note(oddity: Oddity, before: number): void {
    if (!this.#memory.oddities.has(oddity)) this.#memory.oddities.set(oddity, before);
  }
}

/** The header at the start of `wire`, or null when it is not all there and what is there may still become a legal one. */
function readHeader(wire: Buffer, recipient: Recipient, open: boolean) {
  const { role, deflate } = recipient;
  const largest = largestFrameTo(recipient);
  const opcode = (wire[0] ?? 0) % 16;
  const fin = (wire[0] ?? 0) >= 128;
  const rsv1 = ((wire[0] ?? 0) & 0x40) !== 0;
  if (rsv1 && (deflate === null || (opcode !== 1 && opcode !== 2))) throw new Violation(1002);
  if (((wire[0] ?? 0) & 0x30) !== 0) throw new Violation(1002);
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) throw new Violation(1002);
  if (opcode >= 8 && !fin) throw new Violation(1002);
  if (opcode < 8 && open !== (opcode === 0)) throw new Violation(1002);
  if (wire.length < 2) return null;
  const masked = (wire[1] ?? 0) >= 128;
  const short = (wire[1] ?? 0) % 128;
  if (masked !== (role === 'server')) throw new Violation(1002);
  if (opcode >= 8 && short > 125) throw new Violation(1002);
  if (opcode === 8 && short === 1) throw new Violation(1002);
  const size = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length = size === 0 ? BigInt(short) : extendedLength(wire.subarray(2, 2 + size), size, largest);
  if (length !== null && opcode < 8 && length > largest) throw new Violation(1009);
  const start = 2 + size + (masked ? 4 : 0);
  if (length === null || wire.length < start) return null;
  return { opcode, fin, rsv1, start, length: Number(length), key: masked ? wire.subarray(start - 4, start) : null };
}

/** The length, or null while it may still become legal. Missing bytes may be anything from zeros to ones. */
function extendedLength(bytes: Buffer, size: 2 | 8, limitBytes: number): bigint | null {
  const digits = bytes.toString('hex');
  const least = BigInt(`0x${digits.padEnd(size * 2, '0')}`);
  const most = BigInt(`0x${digits.padEnd(size * 2, 'f')}`);
  if (least >= 2n ** 63n) throw new Violation(1002);
  if (most < (size === 2 ? 126n : 65_536n)) throw new Violation(1002);
  if (least > BigInt(limitBytes)) throw new Violation(1009);
  return bytes.length === size ? least : null;
}

function control(opcode: number, payload: Buffer): string {
  if (opcode !== 8) return `${opcode === 9 ? 'ping' : 'pong'} ${payload.toString('latin1')}`;
  if (payload.length === 0) return 'close 1005 ';
  const code = payload.readUInt16BE();
  const isLegal =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!isLegal) throw new Violation(1002);
  return `close ${code} ${decode(utf8(), payload.subarray(2), false)}`;
}

const utf8 = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    throw new Violation(1007);
  }
}
