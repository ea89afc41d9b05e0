/** The examples that echo: alone, with TLS, next to Express and Fastify. Each with our client and with Node's own. */
import { join } from 'node:path';
import { EXAMPLES, GRACEFUL, type Run, type RunOptions, Runs } from './support/example.js';

const runs = new Runs();
afterEach(() => runs.end());

const TLS = join(EXAMPLES, '../test/support/tls');
const KEYS = { KEY: join(TLS, 'key.pem'), CERT: join(TLS, 'cert.pem') };

/** Somebody who says things, and trusts the certificate of the tests. */
function visitor(kind: 'framepipe' | 'node', url: string, ...lines: string[]): Run {
  const options: RunOptions = {
    args: [kind, url, ...lines],
    env: { NODE_EXTRA_CA_CERTS: KEYS.CERT },
    // Node 20 has a WebSocket of its own behind this flag; later versions take it and do nothing.
    flags: ['--experimental-websocket', '--no-warnings'],
  };
  return runs.program('say', options);
}

const ECHOES = [
  { name: 'echo', scheme: 'ws', path: '/', env: {} },
  { name: 'express', scheme: 'ws', path: '/echo', env: {} },
  { name: 'fastify', scheme: 'ws', path: '/echo', env: {} },
  { name: 'tls', scheme: 'wss', path: '/', env: KEYS },
] as const;

describe.each(ECHOES)('$name.mjs', ({ name, scheme, path, env }) => {
  test.each(['framepipe', 'node'] as const)('gives back what the client of %s says', async (kind) => {
    const example = runs.example(name, { env });
    const url = `${scheme}://localhost:${await example.port()}${path}`;
    const told = visitor(kind, url, 'hello', 'Grüße 🌍');
    await told.printed(/"hello"\n"Grüße 🌍"\n/);
    const goodbye = await example.stop();
    expect(goodbye).toEqual(GRACEFUL);
    expect(await told.ended).toMatchObject({ code: 0, stdout: '"hello"\n"Grüße 🌍"\n1001\n', stderr: '' });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it when nobody is there', async (signal) => {
    const example = runs.example(name, { env });
    await example.port();
    expect(await example.stop(signal)).toEqual(GRACEFUL);
  });
});

test.each(['framepipe', 'node'] as const)('echo.mjs answers the close of the client of %s', async (kind) => {
  const example = runs.example('echo');
  const told = visitor(kind, `ws://localhost:${await example.port()}`, 'all of it', '-');
  expect(await told.ended).toMatchObject({ code: 0, stdout: '"all of it"\n1000\n', stderr: '' });
});

test.each([
  ['express', /new WebSocket/],
  ['fastify', /"websocket":"\/echo"/],
])('%s.mjs still answers requests, and other paths are no WebSocket', async (name, page) => {
  const example = runs.example(name);
  const port = await example.port();
  expect(await (await fetch(`http://localhost:${port}/`)).text()).toMatch(page);
  const lost = await visitor('framepipe', `ws://localhost:${port}/elsewhere`, 'hello').ended;
  expect(lost.stderr).toContain('ERR_WS_HANDSHAKE_REFUSED');
  expect(await example.stop()).toEqual(GRACEFUL);
});
