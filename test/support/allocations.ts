/**
 * What code allocates, seen from outside.
 *
 * Knows: the ways in which src asks Node for memory.
 * Does not know: what the memory is for.
 */
import { SHARED_BYTES } from '../../src/codec/bytes.js';
import { BLOCK_BYTES, GATHER_BLOCKS } from '../../src/codec/gather-blocks.js';

/**
 * The sizes of what is allocated while `run` runs, where blocks that serve again are there already, but for the slab of what is
 * small: how full that is, nobody knows.
 */
export function blocksOf(run: () => void): number[] {
  GATHER_BLOCKS.giveBack(Array.from({ length: 128 }, () => Buffer.alloc(BLOCK_BYTES)));
  return allocationsOf(run).filter((size) => size !== SHARED_BYTES);
}

/** The sizes of what is allocated while `run` runs. */
export function allocationsOf(run: () => void): number[] {
  const sizes: number[] = [];
  const { allocUnsafe, allocUnsafeSlow } = Buffer;
  const before = { allocUnsafe, allocUnsafeSlow };
  for (const name of ['allocUnsafe', 'allocUnsafeSlow'] as const) {
    Buffer[name] = (size) => {
      sizes.push(size);
      return before[name](size);
    };
  }
  try {
    run();
  } finally {
    Object.assign(Buffer, before);
  }
  return sizes;
}
