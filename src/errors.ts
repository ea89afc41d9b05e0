/**
 * What can go wrong, and whose fault it is.
 *
 * Knows: every violation, its close code, its RFC section and its sentence. The table below is the only place where
 * those four meet; `docs/errors.md` and the tests are made from it.
 * Does not know: where a violation is found.
 */

/** Whose fault an error is, which is also the class that carries it. */
export type Fault = 'protocol' | 'limit' | 'handshake' | 'connection';

/** A row of VIOLATIONS. */
export interface Violation {
  /** The class that carries it. */
  readonly fault: Fault;
  /** The close code that the peer gets (RFC 6455 §7.4.1), or null when there is no WebSocket to close yet or any more. */
  readonly close: number | null;
  /** Number of the RFC and section. */
  readonly rfc: string;
  /** The sentence of the message, before its facts; no stop. */
  readonly says: string;
}

/** Why a handshake or a connection fails. `ERR_WS_` and the name of the row is the `code` of the error. */
export const VIOLATIONS = {
  RESERVED_OPCODE: { fault: 'protocol', close: 1002, rfc: '6455 §5.2', says: 'Frame uses a reserved opcode' },
  RESERVED_BIT: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.2',
    says: 'Frame sets a reserved bit that no extension claims',
  },
  MASK_MISSING: { fault: 'protocol', close: 1002, rfc: '6455 §5.1', says: 'Frame from a client is not masked' },
  MASK_UNEXPECTED: { fault: 'protocol', close: 1002, rfc: '6455 §5.1', says: 'Frame from a server is masked' },
  LENGTH_NOT_MINIMAL: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.2',
    says: 'Payload length is not in its shortest form',
  },
  LENGTH_SIGN_BIT: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.2',
    says: 'Payload length sets its most significant bit',
  },
  CONTROL_FRAGMENTED: { fault: 'protocol', close: 1002, rfc: '6455 §5.5', says: 'Control frame is fragmented' },
  CONTROL_TOO_LONG: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.5',
    says: 'Control frame carries more than 125 bytes',
  },
  CONTINUATION_UNEXPECTED: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.4',
    says: 'Continuation frame without a message to continue',
  },
  CONTINUATION_EXPECTED: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.4',
    says: 'New message begins before the last one has ended',
  },
  CLOSE_TRUNCATED: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §5.5.1',
    says: 'Close frame carries one byte, half a close code',
  },
  CLOSE_CODE_INVALID: {
    fault: 'protocol',
    close: 1002,
    rfc: '6455 §7.4',
    says: 'Close code must not appear in a close frame',
  },
  INVALID_UTF8: { fault: 'protocol', close: 1007, rfc: '6455 §8.1', says: 'Text is not valid UTF-8' },
  INVALID_DEFLATE: { fault: 'protocol', close: 1007, rfc: '7692 §7.2.2', says: 'Message is not valid DEFLATE' },
  FRAME_TOO_BIG: { fault: 'limit', close: 1009, rfc: '6455 §10.4', says: 'Frame is larger than maxFrameBytes' },
  MESSAGE_TOO_BIG: { fault: 'limit', close: 1009, rfc: '6455 §10.4', says: 'Message is larger than maxMessageBytes' },
  HANDSHAKE_REFUSED: { fault: 'handshake', close: null, rfc: '6455 §4.2.2', says: 'The handshake was refused' },
  HANDSHAKE_INVALID: {
    fault: 'handshake',
    close: null,
    rfc: '6455 §4.1',
    says: 'The server answered the handshake in a way that is not a WebSocket',
  },
  HANDSHAKE_TIMEOUT: {
    fault: 'handshake',
    close: null,
    rfc: '6455 §4.1',
    says: 'The handshake was not finished within handshakeTimeoutMs',
  },
  UNREACHABLE: { fault: 'handshake', close: null, rfc: '6455 §4.1', says: 'No connection to the server could be made' },
  HTTP2_UNAVAILABLE: {
    fault: 'handshake',
    close: null,
    rfc: '8441 §3',
    says: 'The server does not take WebSockets over HTTP/2',
  },
  CUT_OFF: {
    fault: 'connection',
    close: 1006,
    rfc: '6455 §7.1.5',
    says: 'The connection ended without a closing handshake',
  },
  STREAM_RESET: {
    fault: 'connection',
    close: 1006,
    rfc: '8441 §5',
    says: 'The HTTP/2 stream of the connection was reset',
  },
  SESSION_LOST: {
    fault: 'connection',
    close: 1006,
    rfc: '9113 §5.4.1',
    says: 'The HTTP/2 session of the connection ended',
  },
  CLOSE_TIMEOUT: {
    fault: 'connection',
    close: 1006,
    rfc: '6455 §7.1.1',
    says: 'The closing handshake was not finished within closeTimeoutMs',
  },
  KEEPALIVE_TIMEOUT: {
    fault: 'connection',
    close: 1006,
    rfc: '6455 §5.5.2',
    says: 'The peer sent nothing within keepAlive.timeoutMs after a ping',
  },
  PEER_CLOSED: {
    fault: 'connection',
    close: null,
    rfc: '6455 §7.1.5',
    says: 'The peer closed with a code that reports a failure',
  },
  PEER_LEFT: {
    fault: 'connection',
    close: null,
    rfc: '6455 §5.5.1',
    says: 'The peer closed while something was still being written to it',
  },
  ABANDONED: {
    fault: 'connection',
    close: 1011,
    rfc: '6455 §7.4.1',
    says: 'A message stream was destroyed before its end, and abandoned is set to fail',
  },
} as const satisfies Record<string, Violation>;

/** The name of a row: `RESERVED_OPCODE`, for example. */
export type ViolationName = keyof typeof VIOLATIONS;

/** Facts that an error adds to its sentence: `{ opcode: 3, offset: 17 }`. Never payload. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/**
 * The base of every error that framepipe makes on purpose.
 * `code` is stable and begins with `ERR_WS_`; `closeCode` is what the peer is told, null when there is nobody to tell.
 */
export abstract class WebSocketError extends Error {
  /** `ERR_WS_` and the name of its row in `VIOLATIONS`. Stable; docs/errors.md lists them. */
  readonly code: string;
  /** What the peer is told in a close frame (RFC 6455 §7.4.1); null when it is told nothing. */
  readonly closeCode: number | null;
  /** Facts behind the sentence, for logs and tests. */
  readonly facts: Facts;

  constructor(code: string, closeCode: number | null, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.closeCode = closeCode;
    this.facts = facts;
  }
}

/** The peer broke the RFC. */
export class ProtocolError extends WebSocketError {}

/** The peer went past one of our limits. */
export class LimitError extends WebSocketError {}

/** The connection was lost, or a deadline passed: there was no clean close. */
export class ConnectionError extends WebSocketError {}

/** The opening handshake failed. `status` is the HTTP status that was sent or received, null when there was none. */
export class HandshakeError extends WebSocketError {
  /** An HTTP status, or null. */
  readonly status: number | null;

  constructor(
    code: string,
    closeCode: number | null,
    message: string,
    facts: Facts = {},
    options?: ErrorOptions & { status?: number },
  ) {
    super(code, closeCode, message, facts, options);
    this.status = options?.status ?? null;
  }
}

/** The caller made a mistake. Bytes from the network never cause this one. */
export class UsageError extends WebSocketError {
  constructor(message: string, facts: Facts = {}) {
    super('ERR_WS_USAGE', null, message, facts);
  }
}

const CLASSES = {
  protocol: ProtocolError,
  limit: LimitError,
  handshake: HandshakeError,
  connection: ConnectionError,
} as const;

type ClassOf<N extends ViolationName> = InstanceType<(typeof CLASSES)[(typeof VIOLATIONS)[N]['fault']]>;

/** The error for a row of VIOLATIONS: its sentence, then the facts. */
export function violation<N extends ViolationName>(
  name: N,
  facts: Facts = {},
  options?: ErrorOptions & { status?: number },
): ClassOf<N> {
  const row: Violation = VIOLATIONS[name];
  const Class = CLASSES[row.fault];
  return new Class(`ERR_WS_${name}`, row.close, sentence(row.says, facts), facts, options) as ClassOf<N>;
}

function sentence(says: string, facts: Facts): string {
  const listed = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return listed.length === 0 ? `${says}.` : `${says} (${listed.join(', ')}).`;
}

/** `error`, or the one for a connection that ended without any: made only where somebody is told. */
export function orCutOff(error: Error | null): Error {
  return error ?? violation('CUT_OFF');
}

/** The error for a connection that `cause` has ended: `cause` itself, when the transport knows what happened in our terms. */
export function cutOffBy(cause: Error): WebSocketError {
  return cause instanceof WebSocketError ? cause : violation('CUT_OFF', { reason: cause.message }, { cause });
}
