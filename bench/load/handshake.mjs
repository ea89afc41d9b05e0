/**
 * A client's side of the opening handshake, as cheap as it gets: a prebuilt request, a search for the end of the head.
 *
 * Knows: the bytes of the request, and that the answer is 101.
 * Does not know: what follows.
 */
import { connect } from 'node:net';

/** @type {(port: number, extensions?: string) => Buffer} */
export function requestFor(port, extensions) {
  const lines = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** The key above, answered (RFC 6455 §1.3). */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/**
 * Connects and upgrades. The socket reads into one buffer of its own: `onBytes(buffer, count)` is called with what comes
 * behind the head.
 * @param {{ port: number, request: Buffer, readBytes?: number }} how
 * @returns {Promise<{ socket: import('node:net').Socket, head: string, onBytes: (take: (bytes: Buffer, count: number) => void) => void }>}
 */
export function open({ port, request, readBytes = 65_536 }) {
  return new Promise((resolve, reject) => {
    let head = '';
    /** @type {((bytes: Buffer, count: number) => void) | null} */
    let take = null;
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (/** @type {number} */ count, /** @type {Buffer} */ bytes) => {
        if (take !== null) {
          take(bytes, count);
          return true;
        }
        head += bytes.toString('latin1', 0, count);
        if (!head.includes('\r\n\r\n')) return true;
        if (head.startsWith('HTTP/1.1 101 ') && head.includes(ACCEPT)) resolve({ socket, head, onBytes });
        else reject(new Error(`no upgrade: ${head.slice(0, head.indexOf('\r\n'))}`));
        return true;
      },
    };
    const onBytes = (/** @type {(bytes: Buffer, count: number) => void} */ taker) => {
      take = taker;
    };
    const socket = connect(/** @type {any} */ ({ port, host: '127.0.0.1', noDelay: true, onread }));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed: ${head === '' ? 'nothing came' : head.slice(0, 100)}`)));
    socket.write(request);
  });
}
