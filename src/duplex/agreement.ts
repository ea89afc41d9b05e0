/**
 * What a WebSocket can tell about itself: what its opening handshake agreed on, and what has passed through it.
 *
 * Types only: they are filled in by src/server.ts, src/client.ts and websocket-duplex.ts.
 */
import type { IncomingMessage } from 'node:http';
import type { Extension } from '../handshake/extensions.js';

/** What the opening handshake agreed on. */
export interface Agreement {
  readonly subprotocol?: string | null | undefined;
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
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly framesReceived: number;
  readonly framesSent: number;
  readonly messagesReceived: number;
  readonly messagesSent: number;
}
