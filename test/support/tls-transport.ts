/** TLS as a transport for tests: one socket that both ends have wrapped. */
import { once } from 'node:events';
import { connect, TLSSocket } from 'node:tls';
import { TLS } from './raw-server.js';
import { socketPair } from './socket-pair.js';
import type { Ends } from './web-sockets.js';

export const TLS_TRANSPORT = {
  name: 'TLS',
  async open(): Promise<Ends> {
    const { near, far } = await socketPair();
    const server = new TLSSocket(near, { ...TLS, isServer: true });
    const client = connect({ socket: far, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    return [server, client];
  },
};
