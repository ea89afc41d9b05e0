/**
 * What FrameInflater and FrameDeflater need to know, parsed once.
 *
 * Knows: that both can share their contexts with other connections, and need none when nothing was agreed on.
 * Does not know: frames.
 */
import type { Role } from '../../codec/frame.js';
import { oneOf, optionsOf } from '../../codec/limits.js';
import { UsageError } from '../../errors.js';
import { type DeflateAgreement, deflateAgreement } from '../agreement.js';
import { type DeflateOptions, deflateSettings } from '../options.js';
import type { ExtensionElement } from '../params.js';
import { Compression } from './compression.js';

export interface DeflateStageOptions {
  /** Our role. */
  readonly role: Role;
  /** What the handshake agreed on. Without permessage-deflate among it, frames pass as they are. */
  readonly extensions: readonly ExtensionElement[];
  /** Settings of this connection, or the contexts that it shares with others. Default true: the default settings. */
  readonly deflate?: DeflateOptions | Compression | true | undefined;
}

/** The agreement and where its contexts come from; null when nothing was agreed on. @throws UsageError */
export function stageCompression(
  owner: string,
  options: DeflateStageOptions,
): { readonly agreement: DeflateAgreement; readonly compression: Compression } | null {
  const { role, extensions, deflate = true } = optionsOf(owner, options);
  oneOf('role', role, ['client', 'server']);
  if (!Array.isArray(extensions)) throw new UsageError('extensions is what the handshake agreed on, a list.');
  const compression = deflate instanceof Compression ? deflate : compressionOf(deflate);
  const agreement = deflateAgreement(extensions, role, compression.settings);
  return agreement === null ? null : { agreement, compression };
}

function compressionOf(options: DeflateOptions | true): Compression {
  const settings = deflateSettings(options);
  if (settings === null) throw new UsageError('deflate is true or an object here; leave out the stage instead.');
  return new Compression(settings);
}
