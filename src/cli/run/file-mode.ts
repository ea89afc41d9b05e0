/**
 * `framepipe serve --dir`: the files of a folder, over WebSockets and over HTTP.
 *
 * Knows: how to open a file below the folder, and how each protocol sends it.
 * Does not know: ports.
 */
import { realpathSync, statSync } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { extname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { WebSocketDuplex } from '../../duplex/websocket-duplex.js';
import { ConnectionError, UsageError } from '../../errors.js';
import { pipeline } from '../../streams.js';
import { namesOf } from '../file-path.js';
import type { ServeMode } from './serve-modes.js';

/** The types that a browser has to know to show a page. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly type: string;
}

/** The file that the path names, as one binary message, then a close. Throws a UsageError when there is no folder. */
export function fileMode(folder: string): ServeMode<'stream'> {
  const root = rootOf(folder);
  return {
    name: `files of ${folder}`,
    readAs: 'stream',
    maxMessageBytes: 1024,
    serve: (ws) => void send(ws, root),
    stop: async () => {},
    http: fileServer(folder),
  };
}

/** Answers GET and HEAD with files of the folder, index.html for a folder in it. Throws a UsageError when there is none. */
export function fileServer(folder: string): RequestListener {
  const root = rootOf(folder);
  return async (request, response) => {
    const method = request.method ?? '';
    const file = method === 'GET' || method === 'HEAD' ? await openBelow(root, request.url ?? '') : null;
    if (file === null) {
      const connection = request.httpVersionMajor === 1 ? { Connection: 'close' } : {};
      response.writeHead(404, { 'Content-Type': 'text/plain', ...connection }).end('There is no such file.\n');
      return;
    }
    const headers = { 'Content-Type': file.type, 'Content-Length': file.size, 'X-Content-Type-Options': 'nosniff' };
    response.writeHead(200, headers);
    if (method === 'GET') pipeline(contentOf(file), response, () => {});
    else {
      response.end();
      void file.handle.close();
    }
  };
}

async function send(ws: WebSocketDuplex<'stream'>, root: string): Promise<void> {
  ws.on('data', (message: Readable) => message.resume());
  const file = await openBelow(root, ws.request?.url ?? '');
  if (file === null) {
    ws.destroy(new ConnectionError('ERR_WS_NO_FILE', 4404, 'There is no such file.'));
    return;
  }
  ws.write(contentOf(file));
  ws.end();
}

/** As long as the file was when it was opened: the length has been announced. */
function contentOf({ handle, size }: OpenFile): Readable {
  return handle.createReadStream(size === 0 ? {} : { start: 0, end: size - 1 });
}

async function openBelow(root: string, target: string): Promise<OpenFile | null> {
  const names = namesOf(target);
  if (names === null) return null;
  const path = join(root, ...names);
  return (await openFile(root, path)) ?? openFile(root, join(path, 'index.html'));
}

/** Null for what is not there, is no file, or is somewhere else by a link. */
async function openFile(root: string, path: string): Promise<OpenFile | null> {
  try {
    const real = await realpath(path);
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
    const handle = await open(real);
    const stat = await handle.stat();
    if (stat.isFile()) return { handle, size: stat.size, type: TYPES[extname(real)] ?? 'application/octet-stream' };
    await handle.close();
    return null;
  } catch {
    return null;
  }
}

function rootOf(folder: string): string {
  try {
    if (statSync(folder).isDirectory()) return realpathSync(folder);
  } catch {
    throw new UsageError(`There is no directory ${folder}.`);
  }
  throw new UsageError(`${folder} is no directory.`);
}
