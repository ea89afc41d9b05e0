/**
 * Whether an HTTP/2 request asks for a WebSocket, and the answer to it (RFC 8441 §4 and §5).
 *
 * Knows: every demand on an extended CONNECT, and which status says that it is not met.
 * Does not know: who may come in and what is negotiated: that is the same as over HTTP/1.1 (judge-request.ts).
 *
 * The HTTP/2 library below us refuses most malformed requests before anybody sees them. This judge does not count on it.
 * Of the fields of RFC 6455 four are gone: Connection, Upgrade, Sec-WebSocket-Key and Sec-WebSocket-Accept (§5).
 */

import type { ConnectHead } from './connect-head.js';
import { Fields, MAX_HEAD_BYTES } from './head.js';
import type { JudgeOptions, Terms } from './judge-request.js';
import { agree, parseRules } from './judge-request.js';
import { MESSAGE_CHECKS } from './request-checks.js';
import type { Refused } from './verdict.js';
import { refused } from './verdict.js';

/** A judge whose options are already parsed. */
export type ConnectJudge = (head: ConnectHead) => Terms | Refused;

/** Null when the demand is met. */
type ConnectCheck = (head: ConnectHead, fields: Fields) => Refused | null;

/** In order: the first one that fails is the answer. */
const CONNECT_CHECKS: readonly ConnectCheck[] = [size, method, protocol, scheme, ...MESSAGE_CHECKS, webSocketVersion];

/**
 * The judge that `options` describe; `secure` says that the connection is TLS, or that :scheme is https.
 * @throws UsageError for a bad option. The judge throws as `judgeRequest` does.
 */
export function connectJudge(options: JudgeOptions = {}): ConnectJudge {
  const rules = parseRules(options);
  return (head) => {
    const fields = new Fields(head.rawHeaders);
    for (const check of CONNECT_CHECKS) {
      const fault = check(head, fields);
      if (fault !== null) return fault;
    }
    return agree(head, fields, rules);
  };
}

function size({ isTooLarge }: ConnectHead): Refused | null {
  return isTooLarge ? refused(431, `The request head is larger than ${MAX_HEAD_BYTES} bytes.`) : null;
}

function method(head: ConnectHead): Refused | null {
  return head.method === 'CONNECT' ? null : refused(405, 'The method must be CONNECT.', { Allow: 'CONNECT' });
}

/** 501 is what RFC 9220 §3 asks for, the same extension for HTTP/3; RFC 8441 names no status. */
function protocol(head: ConnectHead): Refused | null {
  return head.protocol === 'websocket' ? null : refused(501, 'The :protocol must be websocket.');
}

function scheme(head: ConnectHead): Refused | null {
  const isFine = head.scheme === 'https' || head.scheme === 'http';
  return isFine ? null : refused(400, 'The :scheme must be https or http.');
}

/** There is nothing to upgrade in HTTP/2 (RFC 9113 §8.6), so what would be 426 over HTTP/1.1 is 400. */
function webSocketVersion(_: ConnectHead, fields: Fields): Refused | null {
  if (fields.only('sec-websocket-version') === '13') return null;
  return refused(400, 'Sec-WebSocket-Version must come once and be 13.', { 'Sec-WebSocket-Version': '13' });
}
