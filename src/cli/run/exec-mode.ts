/**
 * `framepipe serve --exec`: a process for each connection.
 *
 * Knows: lines and bytes to stdin and from stdout, with backpressure; that nobody survives his connection.
 * Does not know: what the process does.
 */
import { Buffer } from 'node:buffer';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ReadAs } from '../../duplex/options.js';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { Transform } from '../../streams.js';
import { LineSplitter } from '../lines.js';
import type { ServeMode } from './serve-modes.js';

type Child = ChildProcessByStdio<Writable, Readable, null>;

const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 1_000;

/** `command` is given to a shell. `binary`: bytes, not lines. */
export function execMode(command: string, binary: boolean): ServeMode<'bytes' | 'message'> {
  const running = new Set<Promise<unknown>>();
  return {
    name: `exec ${command}`,
    readAs: binary ? 'bytes' : 'message',
    maxMessageBytes: MAX_LINE_BYTES,
    serve: (ws) => {
      const child = start(command, ws);
      const over = once(child, 'close').finally(() => running.delete(over));
      running.add(over);
      join(ws, child, binary);
    },
    stop: async () => {
      await Promise.allSettled(running);
    },
  };
}

/** In a process group of its own, so that what the shell has started can be ended with it. */
function start(command: string, ws: WebSocketDuplex<ReadAs>): Child {
  const { url = '', socket } = ws.request ?? {};
  const facts = {
    REQUEST_URI: url,
    REMOTE_ADDR: socket?.remoteAddress ?? '',
    REMOTE_PORT: String(socket?.remotePort ?? ''),
  };
  return spawn(command, {
    shell: true,
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...facts },
  });
}

function join(ws: WebSocketDuplex<ReadAs>, child: Child, binary: boolean): void {
  child.stdin.on('error', () => {});
  const intoStdin = binary ? ws : ws.pipe(withNewlines());
  intoStdin.pipe(child.stdin);
  // A process that has closed its stdin does not care for the rest; the connection goes on.
  child.stdin.once('close', () => ws.resume());
  const outOfStdout = binary ? child.stdout : child.stdout.pipe(toLines());
  outOfStdout.on('error', (error) => ws.destroy(error));
  outOfStdout.pipe(ws, { end: false });
  child.once('error', (error) => ws.destroy(error));
  child.once('close', (code, signal) => {
    if (code === 0) void ws.close(1000);
    else void ws.close(1011, signal === null ? `exit code ${code}` : `ended by ${signal}`);
  });
  ws.once('close', () => {
    if (child.exitCode === null && child.signalCode === null) end(child);
  });
}

function end(child: Child): void {
  signal(child, 'SIGTERM');
  const late = setTimeout(() => signal(child, 'SIGKILL'), GRACE_MS);
  child.once('close', () => clearTimeout(late));
}

function signal(child: Child, name: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** Messages to lines. A message of several lines is several lines. */
function withNewlines(): Transform {
  return new Transform({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    transform: (message: string | Buffer, _, done) =>
      done(null, Buffer.concat([Buffer.from(message), Buffer.from('\n')])),
  });
}

/** Bytes to lines, each of them one message. */
function toLines(): Transform {
  const lines = new LineSplitter(MAX_LINE_BYTES);
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _, done) {
      try {
        for (const line of lines.push(chunk)) this.push(line);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      const last = lines.end();
      if (last !== null) this.push(last);
      done();
    },
  });
}
