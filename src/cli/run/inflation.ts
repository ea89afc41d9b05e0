/**
 * Compressed payloads of a capture, inflated by the library's own inflater. Knows: what the 101 agreed on for each
 * direction. Does not know: frames, captures.
 */
import { ByteGatherer } from '../../codec/bytes.js';
import type { Role } from '../../codec/frame.js';
import { deflateAgreement } from '../../deflate/agreement.js';
import { deflateSettings } from '../../deflate/options.js';
import { Compression } from '../../deflate/stream/compression.js';
import type { Inflater } from '../../deflate/stream/inflater.js';
import { violation } from '../../errors.js';
import { parseExtensions } from '../../handshake/extensions.js';
import type { Inflation } from '../capture/frame-reader.js';

const SLICE_BYTES = 65_536;

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
      for (let slice = inflater.next(SLICE_BYTES); slice !== null; slice = inflater.next(SLICE_BYTES)) {
        plain.add(slice, 0, slice.length);
        if (plain.length > maxBytes) {
          throw violation('FRAME_TOO_BIG', { inflatedBytes: plain.length, maxFrameBytes: maxBytes });
        }
      }
      return plain.take();
    },
    close: () => inflater.close(),
  };
}
