/**
 * What an accepted permessage-deflate means for one end of the connection (RFC 7692 §7.2).
 *
 * Knows: which of the server's and the client's parameters are ours and which are the peer's.
 * Does not know: how the agreement came about.
 */
import type { Role } from '../codec/frame.js';
import { DEFAULT_WINDOW_BITS, type DeflateSettings } from './options.js';
import { DEFLATE_NAME, type ExtensionElement, MAX_WINDOW_BITS, parseDeflateParams } from './params.js';

/** One direction. */
export interface DeflateDirection {
  /** The LZ77 window, a power of two of bytes: 8 to 15. */
  readonly windowBits: number;
  /** True when a message may refer back to the ones before it. */
  readonly takeover: boolean;
}

export interface DeflateAgreement {
  /** What we send. */
  readonly deflate: DeflateDirection;
  /** What we receive. */
  readonly inflate: DeflateDirection;
  /** Smaller messages are sent uncompressed, in bytes. */
  readonly threshold: number;
}

/** Below these many bytes compressing costs more than it saves, with takeover and without (docs/adr/0005). */
const THRESHOLD_WITH_TAKEOVER = 64;
const THRESHOLD_WITHOUT = 512;

/**
 * The agreement among `accepted`, as `role` has to keep it; null when permessage-deflate is not there. The handshake has
 * judged the parameters; ones that are illegal all the same give null as well.
 */
export function deflateAgreement(
  accepted: readonly ExtensionElement[],
  role: Role,
  settings: DeflateSettings,
): DeflateAgreement | null {
  const extension = accepted.find(({ name }) => name === DEFLATE_NAME);
  const params = extension === undefined ? null : parseDeflateParams(extension, 'answer');
  if (params === null) return null;
  const server = direction(params.serverNoContextTakeover, params.serverMaxWindowBits);
  const client = direction(params.clientNoContextTakeover, params.clientMaxWindowBits);
  const isServer = role === 'server';
  const deflate = ours(
    isServer ? server : client,
    isServer ? settings.serverMaxWindowBits : settings.clientMaxWindowBits,
    isServer ? settings.serverNoContextTakeover : settings.clientNoContextTakeover,
  );
  const threshold = settings.threshold ?? (deflate.takeover ? THRESHOLD_WITH_TAKEOVER : THRESHOLD_WITHOUT);
  return Object.freeze({ deflate, inflate: isServer ? client : server, threshold });
}

function direction(noTakeover: boolean, bits: number | 'any' | null): DeflateDirection {
  return Object.freeze({ takeover: !noTakeover, windowBits: typeof bits === 'number' ? bits : MAX_WINDOW_BITS });
}

/** Whoever compresses may always do with less than what was agreed on (§7.1.1.2, §7.1.2). */
function ours(agreed: DeflateDirection, bits: number | null, noTakeover: boolean): DeflateDirection {
  return Object.freeze({
    takeover: agreed.takeover && !noTakeover,
    windowBits: Math.min(agreed.windowBits, bits ?? DEFAULT_WINDOW_BITS),
  });
}
