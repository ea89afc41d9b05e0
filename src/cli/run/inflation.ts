/**
 * Compressed payloads of a capture, inflated by the library's own inflater. Knows: what the 101 agreed on for each
 * direction. Does not know: frames, captures.
 */
import { ByteGatherer } from '../../codec/byte-gatherer.js';
import type { Role } from '../../codec/frame.js';
import { deflateAgreement } from '../../deflate/agreement.js';
import { deflateSettings } from '../../deflate/options.js';
import { Compression } from '../../deflate/stream/compression.js';
import type { Inflater } from '../../deflate/stream/inflater.js';
import { SCRATCH, SCRATCH_VIEWS, SLICE_BYTES } from '../../deflate/stream/zlib-context.js';
import { violation } from '../../errors.js';
import { parseExtensions } from '../../handshake/extensions.js';
import type { Inflation } from '../capture/frame-reader.js';

/** What inflates the directions of one capture, one after the other with the same memory. */
export class Inflations {
  readonly #settings = deflateSettings(true);
  readonly #compression = new Compression(this.#settings);

  /** What `from` compressed with, by the Sec-WebSocket-Extensions of the 101; null when that agrees on no compression. */
  of(from: Role, extensions: string | null): Inflation | null {
    const accepted = extensions === null ? null : parseExtensions(extensions);
    if (accepted === null) return null;
    const agreement = deflateAgreement(accepted, from === 'client' ? 'server' : 'client', this.#settings);
    return agreement === null ? null : inflationBy(this.#compression.inflater(agreement));
  }
}

function inflationBy(inflater: Inflater): Inflation {
  return {
    inflate(payload, final, maxBytes) {
      const plain = new ByteGatherer();
      inflater.push(payload, 0, payload.length, final);
      for (let size = inflater.next(SLICE_BYTES); size > 0; size = inflater.next(SLICE_BYTES)) {
        plain.add(SCRATCH, 0, size, 0, SCRATCH_VIEWS);
        if (plain.length > maxBytes) {
          throw violation('FRAME_TOO_BIG', { inflatedBytes: plain.length, maxFrameBytes: maxBytes });
        }
      }
      return plain.take();
    },
    close: () => inflater.close(),
  };
}
