/**
 * The error codes of HTTP/2 (RFC 9113 §7), by number. They are what RST_STREAM and GOAWAY say.
 */

/** In the order of their numbers, from 0. */
const NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

/** `CANCEL` for 8; the number itself, in hexadecimal, for one that the RFC does not have. */
export function http2CodeName(code: number): string {
  return NAMES[code] ?? `0x${code.toString(16)}`;
}
