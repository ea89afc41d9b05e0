/**
 * The page's files over HTTP.
 *
 * Knows: which files there are (read once, at start), their types, and the headers that keep the page to itself.
 * Does not know: sockets. A request is answered from a table of names, so no path ever reaches the file system.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const HEADERS = {
  // 'self' covers ws: in new browsers only, so the scheme is named too.
  'Content-Security-Policy':
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

interface Page {
  readonly type: string;
  readonly body: Buffer;
}

/** Answers HTTP requests for the files of one folder. */
export class Site {
  readonly #pages = new Map<string, Page>();

  /** Reads the files of `folder`, not of folders in it. Throws when it cannot. */
  constructor(folder: URL) {
    for (const name of readdirSync(folder)) {
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
      if (type !== undefined) this.#pages.set(`/${name}`, { type, body: readFileSync(new URL(name, folder)) });
    }
    const index = this.#pages.get('/index.html');
    if (index !== undefined) this.#pages.set('/', index);
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const method = request.method ?? '';
    if (method !== 'GET' && method !== 'HEAD') {
      this.#refuse(request, response, 405, `${method} does nothing here.\n`, { Allow: 'GET, HEAD' });
      return;
    }
    const page = this.#pages.get((request.url ?? '').split('?', 1)[0] ?? '');
    if (page === undefined) {
      this.#refuse(request, response, 404, 'There is nothing here. The page is at /, the echo at /echo.\n');
      return;
    }
    response.writeHead(200, { ...HEADERS, 'Content-Type': page.type, 'Content-Length': page.body.length });
    response.end(method === 'HEAD' ? undefined : page.body);
  };

  #refuse(
    { httpVersionMajor }: IncomingMessage,
    response: ServerResponse,
    status: number,
    why: string,
    headers: Record<string, string> = {},
  ): void {
    // What such a request carries is not read; without a close HTTP/1.1 would take it for the next request.
    const connection = httpVersionMajor === 1 ? { Connection: 'close' } : {};
    response.writeHead(status, {
      ...HEADERS,
      ...headers,
      ...connection,
      'Content-Type': 'text/plain; charset=utf-8',
    });
    response.end(why);
  }
}
