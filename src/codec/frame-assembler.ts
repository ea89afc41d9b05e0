/**
 * Parts of frames in, frames out.
 *
 * Knows: how the parts of one frame become its payload, or, when frames may be split, a run of legal fragments.
 * Does not know: where parts come from; what a message is.
 */
import { ByteGatherer } from './byte-gatherer.js';
import { detach } from './bytes.js';
import { type Frame, isControl, Opcode } from './frame.js';
import type { FramePart } from './frame-part.js';

/** Builds one frame after another from its parts; holds what has come of a frame that is not whole yet. */
export class FrameAssembler {
  readonly #splits: boolean;
  readonly #gathered = new ByteGatherer();
  /** True when a fragment of the current frame went out already. */
  #begun = false;

  /**
   * With `splitFrames` each part of a data frame becomes a fragment of its own as soon as it is here (RFC 6455 §5.4
   * allows a receiver to do so); control frames are always whole.
   */
  constructor(splitFrames: boolean) {
    this.#splits = splitFrames;
  }

  /** Bytes of a frame that is not whole yet. */
  get heldBytes(): number {
    return this.#gathered.length;
  }

  /**
   * The frame that `part` completes, or null. Its payload belongs to the caller. Without `splitFrames`, parts that are not a whole
   * frame may be masked.
   */
  add(part: FramePart): Frame | null {
    if (part.first && part.last) return frameOf(part, part.header.opcode, payloadOf(part));
    if (this.#splits && !isControl(part.header.opcode)) return this.#fragment(part);
    this.#gathered.add(part.bytes, part.start, part.end, part.header.length, part.views, part.key);
    return part.last ? frameOf(part, part.header.opcode, this.#gathered.take()) : null;
  }

  /** Lets go of a frame that will not be completed. */
  clear(): void {
    this.#gathered.clear();
    this.#begun = false;
  }

  /** An announcement without payload is no fragment: the opcode waits for the first bytes. */
  #fragment(part: FramePart): Frame | null {
    if (part.start === part.end) return null;
    const opcode = this.#begun ? Opcode.continuation : part.header.opcode;
    const fragment = frameOf(part, opcode, payloadOf(part));
    this.#begun = !part.last;
    return fragment;
  }
}

function payloadOf({ bytes, start, end, views }: FramePart): Buffer {
  return detach(bytes, start, end, views);
}

function frameOf(part: FramePart, opcode: Opcode, payload: Buffer): Frame {
  const { fin, rsv1 } = part.header;
  return {
    opcode,
    fin: fin && part.last,
    rsv1: rsv1 && opcode !== Opcode.continuation,
    rsv2: false,
    rsv3: false,
    payload,
  };
}
