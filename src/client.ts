/**
 * `connect`: a WebSocket from a URL.
 *
 * Knows: how the opening handshake (src/handshake/stream/dial.ts) and the socket (src/duplex) share one life.
 * Does not know: how either works.
 */
import { addAbortSignal } from 'node:stream';
import { deflateOffer, judgeDeflateAnswer } from './deflate/negotiate.js';
import { type DeflateSettings, deflateSettings } from './deflate/options.js';
import type { ReadAs, WebSocketOptions } from './duplex/options.js';
import { WebSocketDuplex } from './duplex/websocket-duplex.js';
import { type DialOptions, dial } from './handshake/stream/dial.js';

/** All that a socket takes, all that a handshake takes, and `signal`, which destroys the socket at any time. */
export interface ConnectOptions<How extends ReadAs = 'message'> extends WebSocketOptions<How>, DialOptions {}

/**
 * Connects to a `ws:`, `wss:`, `ws+unix:` or `wss+unix:` URL. The socket is usable at once: writes wait for the
 * handshake. When the handshake fails, the socket is destroyed with a HandshakeError and `opened` rejects with it;
 * destroying the socket, or aborting `options.signal`, gives the handshake up.
 * @throws UsageError at once for a bad URL or a bad option.
 */
export function connect<How extends ReadAs = 'message'>(
  url: string | URL,
  options: ConnectOptions<How> = {},
): WebSocketDuplex<How> {
  const { signal, ...rest } = options;
  const givenUp = new AbortController();
  const deflate = deflateSettings(rest.deflate);
  const offer = deflate === null ? {} : offerOf(deflate);
  const ws = new WebSocketDuplex<How>({ ...rest, role: 'client' });
  const dialled = dial(url, { ...rest, ...offer, signal: givenUp.signal });
  if (signal !== undefined) addAbortSignal(signal, ws);
  ws.once('close', () => givenUp.abort());
  dialled.then(
    ({ socket, head, ...agreement }) => ws.open(socket, head, agreement),
    (error: Error) => ws.destroy(error),
  );
  return ws;
}

/** What the handshake needs to agree on compression; it takes the place of other extensions. */
function offerOf(deflate: DeflateSettings): Pick<DialOptions, 'extensions' | 'acceptExtensions'> {
  const extensions = deflateOffer(deflate);
  return { extensions, acceptExtensions: (accepted) => judgeDeflateAnswer(extensions, accepted) };
}
