/**
 * Memory that zlib writes into before its output is copied to where it belongs.
 *
 * One for all: zlib is called synchronously, so two calls never overlap, and nobody reads more of it than the call before
 * has written. It holds memory, not state.
 */

/** The most plain bytes that go into or come out of zlib in one call: 64 KiB, about 2 ms of deflating. */
export const SLICE_BYTES = 65_536;

/** Holds one slice, also one that grew by being compressed (at most 5 bytes a 16 KiB, and a flush). */
export const SCRATCH: Buffer = Buffer.allocUnsafeSlow(SLICE_BYTES + 1_024);
