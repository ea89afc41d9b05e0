/**
 * The configurations of the pages, in front of a server of ours: a page of the same origin gets its WebSocket, pages go on
 * being pages, and the server knows who it is.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createServer } from '../../src/server.js';
import { startOnFreePort } from '../peers/support/proxies.js';
import { codeBlocks } from './support/markdown.js';
import { pages } from './support/pages.js';

/** The pages say 80 and 8080; here both are free ports. What a block replaces has to be there, or it is not tested. */
function placed(code: string, listen: RegExp, own: string, upstream: number): string {
  if (!listen.test(code) || !code.includes('127.0.0.1:8080')) throw new Error(`no ports in ${code}`);
  return code.replace(listen, own).replaceAll('127.0.0.1:8080', `127.0.0.1:${upstream}`);
}

const PROXIES = {
  nginx: {
    command: '/usr/sbin/nginx',
    args: (folder: string) => ['-p', folder, '-c', join(folder, 'proxy.conf'), '-e', 'stderr'],
    configuration: (code: string, port: number, upstream: number, folder: string) => `
      daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
        scgi_temp_path ${folder}; uwsgi_temp_path ${folder};
        ${placed(code, /listen 80;/, `listen 127.0.0.1:${port};`, upstream)}
      }`,
  },
  haproxy: {
    command: '/usr/sbin/haproxy',
    args: (folder: string) => ['-db', '-f', join(folder, 'proxy.conf')],
    configuration: (code: string, port: number, upstream: number) =>
      `${placed(code, /bind :80/, `bind 127.0.0.1:${port}`, upstream)}\n`,
  },
} as const;

const blocks = pages()
  .flatMap(({ path, markdown }) => codeBlocks(path, markdown))
  .filter(({ language }) => language in PROXIES);

test('there is a configuration of each', () => {
  expect(blocks.map(({ language }) => language).sort()).toEqual(['haproxy', 'nginx']);
});

test('a block without its ports is no test', () => {
  expect(() => PROXIES.nginx.configuration('server { listen 81; }', 1, 2, '/')).toThrow('no ports');
});

test.each(blocks.map((block) => [block.language, block] as const))(
  '%s passes WebSockets and pages on',
  async (_, block) => {
    const proxy = PROXIES[block.language as keyof typeof PROXIES];
    const http = createHttpServer((_request, response) => response.end('a page')).listen(0, '127.0.0.1');
    const sockets = createServer({ server: http }, (ws, request) => {
      ws.write(`from ${request.headers['x-forwarded-for']}`);
      ws.pipe(ws);
    });
    await once(http, 'listening');
    const upstream = (http.address() as AddressInfo).port;
    const running = await startOnFreePort(
      proxy.command,
      (port, folder) => proxy.configuration(block.code, port, upstream, folder),
      proxy.args,
    );
    try {
      const origin = `http://127.0.0.1:${running.port}`;
      expect(await (await fetch(origin)).text()).toBe('a page');
      const page = new WebSocket(`ws://127.0.0.1:${running.port}/`, { origin });
      const [who] = await once(page, 'message');
      expect(String(who)).toBe('from 127.0.0.1');
      page.send('hello');
      const [echo] = await once(page, 'message');
      expect(String(echo)).toBe('hello');
      page.close(1000);
      expect(await once(page, 'close')).toEqual([1000, expect.anything()]);
      const foreign = new WebSocket(`ws://127.0.0.1:${running.port}/`, { origin: 'http://elsewhere.example' });
      const [error] = await once(foreign, 'error');
      expect(error.message).toContain('403');
    } finally {
      await running.stop();
      await sockets.close({ timeoutMs: 1 });
      http.closeAllConnections();
      http.close();
    }
  },
);
