/**
 * The same meeting over one stream of an HTTP/2 session: the peer's end of it is driven by hand.
 *
 * Knows: how either role gets there.
 * Does not know: any clause.
 */
import { once } from 'node:events';
import http2, { type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { WebSocketOptions } from '../../../src/duplex/options.js';
import type { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { Http2Transport } from '../../../src/handshake/stream/http2-transport.js';
import { ask, connectFields, http2Serving, http2Session } from '../../support/http2.js';
import { RawPeer } from '../../support/raw-peer.js';
import { afterTest, connected } from '../../support/web-sockets.js';
import type { Meeting } from './meeting.js';

const extensionField = (extensions: string | undefined) =>
  extensions === undefined ? {} : { 'sec-websocket-extensions': extensions };

/** framepipe is the server. */
export async function asHttp2Server(options: WebSocketOptions, extensions?: string): Promise<Meeting> {
  const { server, origin } = await http2Serving(options);
  const opened = once(server, 'connection') as Promise<[WebSocketDuplex]>;
  const { stream } = await ask(await http2Session(origin), connectFields(extensionField(extensions)));
  const [ws] = await opened;
  return { ws, peer: new RawPeer(new Http2Transport(stream), 'client') };
}

/** framepipe is the client. */
export async function asHttp2Client(options: WebSocketOptions, extensions?: string): Promise<Meeting> {
  const http = http2.createServer({ settings: { enableConnectProtocol: true } }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  afterTest(() => http.close());
  const asked = once(http, 'stream') as Promise<[ServerHttp2Stream]>;
  const { port } = http.address() as AddressInfo;
  const ws = connected(`ws://127.0.0.1:${port}`, { ...options, http: '2' });
  const [stream] = await asked;
  stream.respond({ ':status': 200, ...extensionField(extensions) });
  const peer = new RawPeer(new Http2Transport(stream), 'server');
  await ws.opened;
  return { ws, peer };
}
