/** Two ends of one TCP connection on the loopback interface. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SocketPair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Both ends keep their half open when the other one ends. The caller destroys them. */
export async function socketPair(): Promise<SocketPair> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  server.close();
  return { near, far };
}
