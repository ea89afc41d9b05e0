/**
 * Buffers that were used once and dropped, collected by their bytes.
 *
 * Knows: how to ask V8 for a collection of young objects only, of which few are alive, so it costs little.
 * Does not know: whose buffers they are.
 *
 * V8 collects by the size of its own heap, where a Buffer of 64 KiB is an object of a hundred bytes. It looks at what lies
 * behind the objects only from 32 MiB on, and then often with a collection of everything: a transfer grew this process by
 * 40 to 60 MiB. Asked every 4 MiB it grows by 15 to 25, and full collections are rare (test/cli/transfer.test.ts).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type CollectYoung = (options: { readonly type: 'minor' }) => void;

const COLLECT_AFTER_BYTES = 4 * 1024 * 1024;

/** Tell it of every chunk that has passed. */
export class YoungGarbage {
  #collect: CollectYoung | null = null;
  #bytes = 0;

  /** `bytes` more were dropped. */
  dropped(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < COLLECT_AFTER_BYTES) return;
    this.#bytes = 0;
    this.#collect ??= collectYoung();
    this.#collect({ type: 'minor' });
  }
}

/** V8 hands its collector out to new contexts while the flag is set. A runtime without V8 has none, and needs none. */
function collectYoung(): CollectYoung {
  try {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as CollectYoung;
    setFlagsFromString('--no-expose-gc');
    return collect;
  } catch {
    return () => {};
  }
}
