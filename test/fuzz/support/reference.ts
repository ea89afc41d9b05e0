/**
 * RFC 6455 §5 as a page: a whole wire in, what it says out, as plainly as possible.
 *
 * Knows: every rule that a receiver has to keep, and when the bytes that are here prove that one is broken.
 * Does not know: chunks, speed. It shares no code with src.
 */
import type { Recipient } from './fuzz-case.js';
import type { Outcome } from './outcome.js';

class Violation extends Error {
  readonly closeCode: number;

  constructor(closeCode: number) {
    super();
    this.closeCode = closeCode;
  }
}

/** The message that is open: its kind, its bytes, and a decoder that has seen them when it is text. */
interface Open {
  readonly decoder: InstanceType<typeof TextDecoder> | null;
  text: string;
  binary: Uint8Array[];
  size: number;
}

/** What a wire says. */
export function reference(recipient: Recipient, wire: Buffer): Outcome {
  const events: string[] = [];
  try {
    let open: Open | null = null;
    for (let at = 0; at < wire.length; ) {
      const header = readHeader(wire.subarray(at), recipient, open !== null);
      if (header === null) break;
      const { opcode, fin, start, length, key } = header;
      const payload = wire.subarray(at + start, at + start + length).map((byte, i) => byte ^ (key?.[i % 4] ?? 0));
      const whole = at + start + length <= wire.length;
      at += start + length;
      if (opcode >= 8) {
        if (!whole) break;
        events.push(control(opcode, Buffer.from(payload)));
        if (opcode === 8) break;
        continue;
      }
      open ??= { decoder: opcode === 1 ? utf8() : null, text: '', binary: [], size: 0 };
      open.size += length;
      if (open.size > recipient.limitBytes) throw new Violation(1009);
      if (open.decoder !== null) open.text += decode(open.decoder, payload, !(fin && whole));
      open.binary.push(payload);
      if (!fin || !whole) continue;
      events.push(
        open.decoder === null ? `binary ${Buffer.concat(open.binary).toString('latin1')}` : `text ${open.text}`,
      );
      open = null;
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { events, closeCode: error.closeCode, code: 'broken' };
  }
  return { events, closeCode: 0, code: '' };
}

/** The header at the start of `wire`, or null when it is not all there and what is there may still become a legal one. */
function readHeader(wire: Buffer, { role, limitBytes }: Recipient, open: boolean) {
  const opcode = (wire[0] ?? 0) % 16;
  const fin = (wire[0] ?? 0) >= 128;
  if (((wire[0] ?? 0) & 0x70) !== 0) throw new Violation(1002);
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
  const length = size === 0 ? BigInt(short) : extendedLength(wire.subarray(2, 2 + size), size, limitBytes);
  if (length !== null && opcode < 8 && length > limitBytes) throw new Violation(1009);
  const start = 2 + size + (masked ? 4 : 0);
  if (length === null || wire.length < start) return null;
  return { opcode, fin, start, length: Number(length), key: masked ? wire.subarray(start - 4, start) : null };
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
