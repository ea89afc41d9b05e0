/** What glibc's malloc does with freed memory, by the environment of a process. */

/** It keeps up to 64 MiB, as framepipe tells it from the first payload of 4 KiB on (docs/adr/0016). */
export const KEEPS_MEMORY = { MALLOC_TRIM_THRESHOLD_: '67108864', MALLOC_MMAP_THRESHOLD_: '33554432' };

/** It gives all but 128 KiB back, and learns nothing else. */
export const GIVES_BACK = { MALLOC_TRIM_THRESHOLD_: '131072' };
