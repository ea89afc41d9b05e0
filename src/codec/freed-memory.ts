/**
 * What malloc does with memory that was freed (docs/adr/0016).
 *
 * glibc gives back to the system what lies free at the end of its heap, all but 128 KiB, and asks for each larger block anew: with
 * large messages that is after every collection, and each page that comes back costs a fault and 4 KiB of zeros. It learns otherwise
 * from a large block that is freed, of up to 32 MiB.
 *
 * Knows: how to teach it that at once.
 * Does not know: who needs memory.
 */
import { Buffer } from 'node:buffer';

/** The largest block that it learns from, less its own bytes around it. */
const LESSON_BYTES = 32 * 1024 * 1024 - 65_536;

/** Whether malloc keeps what is freed: no, until somebody asks for it. */
export class FreedMemory {
  #isKept = false;

  /**
   * Has malloc keep up to 64 MiB that are free, and take blocks of less than 32 MiB from those. Once, and only on Linux; the pages
   * of the block that it learns from are never touched.
   */
  keep(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    // Nobody keeps it: the next collection frees it.
    if (globalThis.process?.platform === 'linux') Buffer.allocUnsafeSlow(LESSON_BYTES);
  }
}

/** One for the process. */
export const FREED_MEMORY = new FreedMemory();
