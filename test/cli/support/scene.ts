/**
 * Whom a command meets in endings.test.ts: another implementation that echoes, somebody who is silent, nobody.
 *
 * Knows: the ws package and TCP, what they have seen of the command, and how to end all of it.
 * Does not know: the commands.
 */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { type Program, Programs } from './program.js';

const NODE_OPTIONS = `--import ${join(__dirname, 'no-last-resort.mjs')}`;
const MORE_THAN_A_PIPE_HOLDS = 4 * 1024 * 1024;

/** The stage of one test. */
export class Scene {
  readonly #programs = new Programs();
  readonly #folder = mkdtempSync(join(tmpdir(), 'framepipe-endings-'));
  readonly #seen = new EventEmitter();
  readonly #webSockets = new Set<WebSocket>();
  readonly #servers: (Server | WebSocketServer)[] = [];
  readonly #tcp = new Set<Socket>();
  readonly #tcpClients: Socket[] = [];
  #server: Program | null = null;

  /** A command that has to end by itself: it has no last resort. */
  start(...args: readonly (string | number)[]): Program {
    return this.#programs.startWith({ env: { ...process.env, NODE_OPTIONS } }, ...args);
  }

  /** The URL of another implementation that sends back what comes. */
  async echo(): Promise<string> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    this.#servers.push(server);
    server.on('connection', (ws) => {
      this.#webSockets.add(ws.on('error', () => {}));
      ws.on('message', (data, isBinary) => {
        ws.send(data, { binary: isBinary });
        this.#seen.emit('message');
      });
    });
    await once(server, 'listening');
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** Resolves with the program when the echo has heard a message of it. */
  async heard(program: Program): Promise<Program> {
    await once(this.#seen, 'message');
    return program;
  }

  /** The URL of `framepipe serve --echo`. */
  async serve(): Promise<string> {
    const { server, url } = await this.#programs.serve('--echo', '-v');
    this.#server = server;
    return url;
  }

  /** Resolves when that has said so. */
  async served(pattern: RegExp): Promise<void> {
    await this.#server?.says(pattern);
  }

  /** A port where connections are taken and nothing is ever said. */
  async silence(): Promise<number> {
    const server = createServer((socket) => {
      this.#tcp.add(socket.on('error', () => {}));
      socket.resume();
      this.#seen.emit('tcp');
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Resolves when somebody has connected to the silence. */
  async dialled(): Promise<void> {
    if (this.#tcp.size === 0) await once(this.#seen, 'tcp');
  }

  /** Connects another implementation to the command. */
  async dial(url: string): Promise<void> {
    const ws = new WebSocket(url);
    this.#webSockets.add(ws.on('error', () => {}));
    await once(ws, 'open');
  }

  /** The same, below WebSocket. */
  async dialTcp(port: number): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    this.#tcpClients.push(socket.on('error', () => {}));
    await once(socket, 'connect');
  }

  /** The close codes that the others have seen, once all of them have seen one. */
  async codes(): Promise<number[]> {
    return Promise.all([...this.#webSockets].map(async (ws) => Number((await once(ws, 'close'))[0])));
  }

  /** A recorded session: a message at once, and one in an hour. */
  session(from: 'client' | 'server' = 'client'): string {
    const file = join(this.#folder, 'session.jsonl');
    const header = { framepipe: 'session', version: 1, url: 'ws://127.0.0.1:1', subprotocol: null, startedAt: '' };
    const message = { from, type: 'text', text: 'x' };
    const lines = [header, { ms: 0, ...message }, { ms: 3_600_000, ...message }];
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
    return file;
  }

  /** Resolves with the program when it has taken more of its stdin than a pipe holds, and wants more. */
  async reading(program: Program): Promise<Program> {
    const isTaken = once(program.process.stdin, 'drain');
    program.type(Buffer.alloc(MORE_THAN_A_PIPE_HOLDS));
    await isTaken;
    return program;
  }

  async end(): Promise<void> {
    await this.#programs.end();
    for (const ws of this.#webSockets) ws.terminate();
    for (const socket of [...this.#tcp, ...this.#tcpClients]) socket.destroy();
    for (const server of this.#servers) server.close();
    rmSync(this.#folder, { recursive: true });
  }
}
