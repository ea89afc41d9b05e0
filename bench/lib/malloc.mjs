/**
 * glibc's malloc told to keep up to 64 MiB that is freed, as docs/deploying.md recommends it, where it would give all but
 * 128 KiB back to the system at once.
 */
export const KEEPS_MEMORY = { MALLOC_TRIM_THRESHOLD_: '67108864', MALLOC_MMAP_THRESHOLD_: '33554432' };
