/**
 * What a WebSocket can tell about itself, in types only.
 *
 * Knows: what its opening handshake agreed on, what has passed through it, what its events bring.
 * Does not know: who fills it in; src/server.ts, src/client.ts and websocket-duplex.ts do.
 */
import type { IncomingMessage } from 'node:http';
import type { CloseReason } from '../codec/close-code.js';
import type { Extension } from '../handshake/extensions.js';

/** What the opening handshake agreed on. */
export interface Agreement {
  /** The subprotocol that the server chose, or null. */
  readonly subprotocol?: string | null | undefined;
  /** The extensions that the server accepted, in the order in which they apply (RFC 6455 §9.1). */
  readonly extensions?: readonly Extension[] | undefined;
  /** The client's request, on a server. */
  readonly request?: IncomingMessage | undefined;
  /** The server's response, on a client. */
  readonly response?: IncomingMessage | undefined;
  /** The URL that was connected to, on a client. */
  readonly url?: string | undefined;
}

/** Counts since the connection was opened. */
export interface WebSocketStats {
  /** Bytes of frames from the wire, headers included; the handshake is not counted. */
  readonly bytesReceived: number;
  /** Bytes of frames that were handed to the transport, headers included. */
  readonly bytesSent: number;
  /** Frames from the wire, control frames included. */
  readonly framesReceived: number;
  /** Frames that were handed to the transport, control frames included. */
  readonly framesSent: number;
  /** Data messages that have ended, whole or at their last fragment. */
  readonly messagesReceived: number;
  /** Data messages that were handed to the transport. */
  readonly messagesSent: number;
}

/** What the events of a WebSocket bring, besides those of every stream. */
export interface WebSocketEvents {
  /** The opening handshake is done. */
  open: [];
  /** A ping came, with its payload; the pong is sent by itself. */
  ping: [payload: Buffer];
  /** A pong came, asked for or not. */
  pong: [payload: Buffer];
  /** A close frame came: what the peer says. */
  'close-frame': [said: CloseReason];
}
