/**
 * framepipe as a user has it, `createServer` or `connect`, over TCP, with a peer by hand on the other side.
 *
 * Knows: both handshakes, what a peer may send and how the answer is read.
 * Does not know: any clause.
 */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Frame, Role } from '../../../src/codec/frame.js';
import type { WebSocketOptions } from '../../../src/duplex/options.js';
import type { WebSocketDuplex } from '../../../src/duplex/websocket-duplex.js';
import { wireOf } from '../../support/frames.js';
import { RawPeer } from '../../support/raw-peer.js';
import { accepted, rawServer } from '../../support/raw-server.js';
import { upgrade } from '../../support/raw-upgrade.js';
import { afterTest, connected, lifeOf, serving } from '../../support/web-sockets.js';
import { asHttp2Client, asHttp2Server } from './meeting-http2.js';

export const ROLES: readonly Role[] = ['server', 'client'];

/** The limits of every meeting, in bytes. */
export const LIMITS = { maxFrameBytes: 70_000, maxMessageBytes: 80_000 } as const;

const KEY = Buffer.from('37fa213d', 'hex');

export interface Meeting {
  readonly ws: WebSocketDuplex;
  readonly peer: RawPeer;
}

/**
 * A framepipe in this role, its handshake done, and its peer, which offers or answers `extensions` when they are given:
 * then ours agrees to compress.
 */
export async function meet(role: Role, options: WebSocketOptions = {}, extensions?: string): Promise<Meeting> {
  const all = extensions === undefined ? options : { deflate: true, ...options };
  return role === 'server' ? asServer(all, extensions) : asClient(all, extensions);
}

/** As `meet`, over a stream of an HTTP/2 session. */
export async function meetOverHttp2(role: Role, options: WebSocketOptions = {}, extensions?: string): Promise<Meeting> {
  const all = { ...LIMITS, keepAlive: false, ...(extensions !== undefined && { deflate: true }), ...options } as const;
  return role === 'server' ? asHttp2Server(all, extensions) : asHttp2Client(all, extensions);
}

async function asServer(options: WebSocketOptions, extensions?: string): Promise<Meeting> {
  const { server, port } = await serving({ ...LIMITS, keepAlive: false, ...options });
  const socket = connectTcp(port, '127.0.0.1');
  afterTest(() => socket.destroy());
  const opened = once(server, 'connection') as Promise<[WebSocketDuplex]>;
  socket.write(upgrade('/', extensions === undefined ? {} : { 'Sec-WebSocket-Extensions': extensions }));
  await headOf(socket);
  const [ws] = await opened;
  const peer = new RawPeer(socket, 'client');
  socket.resume();
  return { ws, peer };
}

async function asClient(options: WebSocketOptions, extensions?: string): Promise<Meeting> {
  let peer: RawPeer | null = null;
  const server = await rawServer(({ socket, head }) => {
    socket.removeAllListeners('data');
    peer = new RawPeer(socket, 'server');
    socket.write(accepted(head, ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`])));
  });
  afterTest(() => server.close());
  const ws = connected(`ws://127.0.0.1:${server.port}`, { ...LIMITS, keepAlive: false, ...options });
  await ws.opened;
  if (peer === null) throw new Error('The handshake was not seen.');
  return { ws, peer };
}

/** Reads up to the end of the 101 and leaves what follows in the socket. */
async function headOf(socket: Socket): Promise<void> {
  let head = Buffer.alloc(0);
  while (!head.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    head = Buffer.concat([head, chunk]);
  }
  socket.pause();
  const rest = head.subarray(head.indexOf('\r\n\r\n') + 4);
  if (rest.length > 0) socket.unshift(rest);
}

/** The bytes of a frame to `role`; `size` cuts them off, for what has to fail before it is complete. */
export function to(role: Role, frame: Frame, size?: number): Buffer {
  return wireOf(frame, role === 'server' ? { key: KEY } : {}).subarray(0, size);
}

/** A row of a table: what the peer sends, what comes of it. */
export interface Row {
  /** The section of the RFC and the law. */
  readonly title: string;
  /** Sent as it is. For a row that fails, it ends with the byte that proves the violation, and nothing follows. */
  readonly sends: (role: Role) => readonly Buffer[];
  /** The code of our close frame; default 1000, the answer to the peer's own, which then follows what it sends. */
  readonly close?: number;
  /** What our app has read by then. Default: nothing. */
  readonly reads?: readonly unknown[];
  /** Payloads of our pongs. Default: none. */
  readonly pongs?: readonly string[];
  /** Only for one role. */
  readonly role?: Role;
  /** What the peer offers as a client, or answers as a server. Default: no extensions. */
  readonly extensions?: string;
}

/** One test for each row, role and version of HTTP. */
export function testRows(rows: readonly Row[]): void {
  for (const row of rows) {
    for (const role of ROLES.filter((one) => row.role === undefined || row.role === one)) {
      test(`${row.title}, as ${role}`, async () => check(row, role, await meet(role, {}, row.extensions)));
      test(`${row.title}, as ${role} over HTTP/2`, async () => {
        await check(row, role, await meetOverHttp2(role, {}, row.extensions));
      });
    }
  }
}

async function check(row: Row, role: Role, { ws, peer }: Meeting): Promise<void> {
  const { sends, close = 1000, reads = [], pongs = [] } = row;
  const { over } = lifeOf(ws);
  const read: unknown[] = [];
  ws.on('data', (message) => read.push(message));
  peer.send(...sends(role));
  if (close === 1000) peer.sendClose(1000);
  expect((await peer.closed())?.code).toBe(close);
  peer.socket.end();
  const info = await over;
  expect(info.sent?.code).toBe(close);
  expect(read).toEqual(reads);
  const answered = peer.frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString());
  expect(answered).toEqual(pongs);
}
