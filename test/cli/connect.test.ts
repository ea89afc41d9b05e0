/**
 * `framepipe connect` as a pipe: what goes in, what comes out, and how it ends.
 *
 * Knows: processes, and another implementation (ws) as the server where a server has to misbehave.
 * Does not know: terminals (session.test.ts), and how every command ends (endings.test.ts).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Programs, ROOT } from './support/program.js';

const programs = new Programs();
const servers: WebSocketServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
  await programs.end();
});

/** A server of the ws package, which does `onConnection`. */
async function other(onConnection: (ws: WebSocket, headers: NodeJS.Dict<string | string[]>) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: (all) => [...all][0] ?? false });
  servers.push(server);
  server.on('connection', (ws, request) => onConnection(ws, request.headers));
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const echo = (ws: WebSocket) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));

describe('what passes', () => {
  test('lines are text messages, and text messages are lines', async () => {
    const url = await other(echo);
    const input = 'one\nzwölf 🎉\n\nlast, without a newline';
    expect(await programs.run(['connect', url], input)).toEqual({ code: 0, out: `${input}\n`, err: '' });
  });

  test('--binary is one message, of any bytes', async () => {
    const sizes: number[] = [];
    const url = await other((ws) => {
      ws.on('message', (data: Buffer) => sizes.push(data.length));
      echo(ws);
    });
    const input = randomBytes(3_000_000);
    const program = programs.start('connect', '--binary', url).type(input).done();
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
    expect(program.bytes.equals(input)).toBe(true);
    expect(sizes).toEqual([input.length]);
  });

  test('--no-stdin only receives', async () => {
    const url = await other((ws) => {
      ws.send('feed');
      ws.close(1000);
    });
    const program = programs.start('connect', '--no-stdin', url);
    expect(await program.ended).toEqual({ code: 0, out: 'feed\n', err: '' });
  });

  test('what comes after the end of stdin still arrives with --wait', async () => {
    const url = await other((ws) => {
      ws.on('message', () => setTimeout(() => ws.send('late'), 50).unref());
      ws.on('message', () => setTimeout(() => ws.close(1000), 100).unref());
    });
    expect(await programs.run(['connect', '--wait', '30s', url], 'question\n')).toMatchObject({
      code: 0,
      out: 'late\n',
    });
  });

  test('header fields, credentials, origin and subprotocol are sent', async () => {
    let seen: NodeJS.Dict<string | string[]> = {};
    const url = await other((ws, headers) => {
      seen = headers;
      ws.close(1000);
    });
    const flags = [
      '-H',
      'X-One: 1',
      '-a',
      'user:pass',
      '-o',
      'https://example.com',
      '-s',
      'chat.v2',
      '-s',
      'chat.v1',
      '-v',
    ];
    const { code, err } = await programs.run(['connect', ...flags, url]);
    expect([code, err]).toEqual([0, expect.stringContaining('(subprotocol chat.v2)')]);
    expect(seen).toMatchObject({
      'x-one': '1',
      authorization: 'Basic dXNlcjpwYXNz',
      origin: 'https://example.com',
      'sec-websocket-protocol': 'chat.v2, chat.v1',
    });
  });

  test('-v tells of pings and the close, --frames of each frame, both on stderr', async () => {
    const url = await other((ws) => {
      ws.ping('hi');
      ws.on('message', () => ws.close(1000, 'enough'));
    });
    const program = programs.start('connect', '-v', '--frames', url).type('x\n');
    const { code, out, err } = await program.ended;
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(/^Connected to ws:/m);
    expect(err).toContain('← ping hi');
    expect(err).toMatch(/s {2}→ text {15,}1 byte$/m);
    expect(err).toMatch(/Closed 1000 \(normal\): enough$/m);
  });
});

describe('how it ends', () => {
  test('a close with a failure code is exit code 1, with the code and the reason', async () => {
    const url = await other((ws) => ws.close(1008, 'not you\x1b[2J'));
    const { code, err } = await programs.start('connect', url).ended;
    expect([code, err]).toEqual([1, 'framepipe: The server closed with 1008 (policy violation): not you\\x1b[2J.\n']);
  });

  test('a reason that is a sentence has one full stop', async () => {
    const url = await other((ws) => ws.close(4404, 'There is no such file.'));
    const { err } = await programs.start('connect', url).ended;
    expect(err).toBe('framepipe: The server closed with 4404: There is no such file.\n');
  });

  test('wss: to a server without TLS', async () => {
    const url = (await other(echo)).replace('ws:', 'wss:');
    const err = 'framepipe: The server answers, but not with TLS; perhaps the URL is to begin with ws:.\n';
    expect(await programs.run(['connect', url])).toEqual({ code: 1, out: '', err });
  });

  test('a connection that is lost is exit code 1', async () => {
    const url = await other((ws) => ws.terminate());
    const { code, err } = await programs.start('connect', url).ended;
    expect([code, err]).toEqual([1, expect.stringMatching(/^framepipe: [^\n]+\n$/)]);
  });

  test('a server that closes before all of stdin was sent: exit code 1, never a silent half', async () => {
    const url = await other((ws) => ws.once('message', () => {}).close(1000));
    const program = programs.start('connect', '--binary', url).type('the first half');
    const { code, err } = await program.ended;
    expect([code, err]).toEqual([1, 'framepipe: The server closed before all of stdin was sent.\n']);
  });

  test('Ctrl-C in the middle of an upload: 130, and the server does not take the half for a whole', async () => {
    const got: unknown[] = [];
    const url = await other((ws) => {
      ws.on('message', () => got.push('message'));
      ws.on('close', (code) => got.push(code));
      ws.on('error', () => {});
    });
    const program = programs.start('connect', '--binary', '-v', url).type('the first half');
    await program.says(/Connected/);
    expect((await program.interrupt().ended).code).toBe(130);
    expect(got).toEqual([1001]);
  });

  test('a reader that has had enough: no message, exit code 0', async () => {
    const { url } = await programs.serve('--echo');
    const line = `"${process.execPath}" dist/cli/main.js connect ${url}; echo "exit $?" >&2`;
    const shell = programs.startOther('bash', ['-c', `seq 1 100000 | (${line}) | head -n 1`], { cwd: ROOT });
    expect(await shell.ended).toEqual({ code: 0, out: '1\n', err: 'exit 0\n' });
  });

  test('a line that is no UTF-8 is named, exit code 2', async () => {
    const url = await other(echo);
    const { code, err } = await programs.run(['connect', url], Buffer.from([0x61, 0x0a, 0xff, 0x0a]));
    expect([code, err]).toEqual([2, expect.stringMatching(/^framepipe: Line 2 is not UTF-8/)]);
  });
});

describe('what cannot be', () => {
  test('a server that is no WebSocket server', async () => {
    const { url } = await programs.serve('--inspect').catch(() => ({ url: '' }));
    const { code, err } = await programs.run(['connect', `${url.replace(/echo$/, '')}nothing`]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^framepipe: [^\n]*404[^\n]*\n$/)]);
  });
});
