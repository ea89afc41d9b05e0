/**
 * Counts unmasked frames of any size in a run of bytes, cut anywhere.
 *
 * Knows: where a frame ends.
 * Does not know: what is in it.
 */

const LONGEST_HEAD = 10;

export class FrameCounter {
  #head = Buffer.alloc(LONGEST_HEAD);
  #have = 0;
  #left = 0;
  /** Frames whose last byte was seen. */
  frames = 0;

  /** @param {Buffer} bytes @param {number} count */
  take(bytes, count) {
    for (let at = 0; at < count; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, count - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.frames++;
      } else {
        this.#head[this.#have++] = bytes[at++] ?? 0;
        this.#endHead();
      }
    }
  }

  #endHead() {
    const length = this.#head[1] ?? 0;
    const whole = this.#have < 2 ? LONGEST_HEAD + 1 : length < 126 ? 2 : length === 126 ? 4 : LONGEST_HEAD;
    if (this.#have !== whole) return;
    this.#left = whole === 2 ? length : whole === 4 ? this.#head.readUInt16BE(2) : this.#head.readUInt32BE(6);
    this.#have = 0;
    if (this.#left === 0) this.frames++;
  }
}
