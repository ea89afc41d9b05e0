/**
 * RFC 7692 §7.2.2 as a page: all compressed bytes of a message so far in, all plain ones out, as plainly as possible.
 *
 * Knows: DEFLATE streams that end within a message, the window that a message leaves to the next, what is no end.
 * Does not know: frames, chunks, speed. It shares no code with src: everything is asked of zlib's public calls.
 */
import zlib from 'node:zlib';

/** The longest window. A shorter one is a promise of the sender, which zlib can only see broken now and then. */
const WINDOW_BYTES = 32_768;
const NO_BYTES = Buffer.alloc(0);
/** What the sender took off (§7.2.1), and an empty block that ends a stream: it is one only where a block may begin. */
const TAIL = Buffer.from('0000ffff', 'hex');
const END = Buffer.from('0300', 'hex');

export interface Inflated {
  readonly plain: Buffer;
  /** False where there is no DEFLATE; then `plain` is what came before the stream that is none. */
  readonly isLegal: boolean;
  /** What the next message may refer to, when this is all of it. */
  readonly window: Buffer;
  /** True when a final block was among it. */
  readonly hadFinalBlock: boolean;
}

/** What the bytes inflate to after a window; `whole` when the message ends here. */
export function inflateReference(bytes: Buffer, before: Buffer, whole: boolean): Inflated {
  let plain: Buffer = NO_BYTES;
  let window = before;
  let hadFinalBlock = false;
  for (let rest = bytes; rest.length > 0; ) {
    const stream = wholeStream(rest, window);
    if (stream === 'broken') return { plain, isLegal: false, window, hadFinalBlock };
    if (stream === 'unfinished') {
      const open = prefix(rest, window);
      const end = whole ? endOf(rest, window, open.length) : 'between blocks';
      if (end === 'within a block') return { plain, isLegal: false, window, hadFinalBlock };
      plain = Buffer.concat([plain, open]);
      hadFinalBlock ||= end === 'final block';
      window = end === 'final block' ? NO_BYTES : Buffer.concat([window, open]).subarray(-WINDOW_BYTES);
      break;
    }
    hadFinalBlock = true;
    plain = Buffer.concat([plain, stream.plain]);
    window = NO_BYTES;
    rest = rest.subarray(stream.size);
  }
  return { plain, isLegal: true, window, hadFinalBlock };
}

type Stream = { readonly plain: Buffer; readonly size: number };

/** The DEFLATE stream at the beginning of `bytes`, with its final block. */
function wholeStream(bytes: Buffer, window: Buffer): Stream | 'unfinished' | 'broken' {
  try {
    const { buffer, engine } = inflateWithInfo(bytes, window);
    return { plain: buffer, size: engine.bytesWritten };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'unfinished' : 'broken';
  }
}

/** What the tail of §7.2.2 completes: an empty block, which may be a final one. */
function endOf(bytes: Buffer, window: Buffer, plainBytes: number): 'between blocks' | 'final block' | 'within a block' {
  const completed = Buffer.concat([bytes, TAIL, END]);
  const stream = wholeStream(completed, window);
  if (typeof stream === 'string' || stream.plain.length !== plainBytes) return 'within a block';
  if (stream.size === completed.length) return 'between blocks';
  return stream.size === bytes.length + TAIL.length ? 'final block' : 'within a block';
}

function prefix(bytes: Buffer, window: Buffer): Buffer {
  return zlib.inflateRawSync(bytes, { ...dictionary(window), finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

/** What `info: true` gives, which its types do not say. */
function inflateWithInfo(bytes: Buffer, window: Buffer): { buffer: Buffer; engine: { bytesWritten: number } } {
  const options: zlib.ZlibOptions = { ...dictionary(window), info: true };
  return zlib.inflateRawSync(bytes, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
}

function dictionary(window: Buffer): zlib.ZlibOptions {
  return window.length === 0 ? {} : { dictionary: window };
}
