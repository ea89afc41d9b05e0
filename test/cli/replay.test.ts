/**
 * `framepipe replay --listen`: a recorded session, played to whoever comes, and `--in-turn` on both sides.
 *
 * Knows: sessions that are written here, and another implementation as the client or the server. Does not know: how fast
 * anything is, and how the command ends (endings.test.ts).
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import type { SessionEvent } from '../../src/cli/session-file.js';
import { type Program, Programs } from './support/program.js';

const programs = new Programs();
const clients: WebSocket[] = [];
const folder = mkdtempSync(join(tmpdir(), 'framepipe-replay-'));
const file = join(folder, 'session.jsonl');
const AN_HOUR_MS = 3_600_000;

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await programs.end();
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(...events: (SessionEvent | string)[]): void {
  const header = { framepipe: 'session', version: 1, url: 'ws://127.0.0.1:1/', subprotocol: 'feed.v1', startedAt: '' };
  const lines = [header, ...events].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(file, `${lines.join('\n')}\n`);
}

const says = (from: 'client' | 'server', text: string, ms = 0): SessionEvent => ({ ms, from, type: 'text', text });

/** The command on a free port. */
async function listen(...flags: string[]): Promise<{ server: Program; url: string }> {
  const server = programs.start('replay', '--listen', 0, ...flags, file);
  const [url] = await server.says(/ws:\/\/\S+/);
  return { server, url };
}

/** What a client of another implementation has heard, as it comes. */
interface Heard {
  readonly client: WebSocket;
  readonly messages: (string | Buffer)[];
  readonly closed: Promise<[code: number, reason: string]>;
}

function hear(url: string, options: { protocol?: string; origin?: string } = {}): Heard {
  const { protocol, ...rest } = options;
  const client = protocol === undefined ? new WebSocket(url, rest) : new WebSocket(url, protocol, rest);
  clients.push(client);
  const messages: (string | Buffer)[] = [];
  client.on('error', () => {});
  client.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : String(data)));
  const closed = new Promise<[number, string]>((resolve) => {
    client.once('close', (code, reason) => resolve([code, String(reason)]));
  });
  return { client, messages, closed };
}

describe('replay --listen', () => {
  test('each client gets both types, the close with its reason, and the subprotocol, from the beginning', async () => {
    const bytes: SessionEvent = { ms: 1, from: 'server', type: 'binary', base64: 'AP8=' };
    const close: SessionEvent = { ms: 2, from: 'server', type: 'close', code: 4001, reason: 'enough' };
    write(says('server', 'one'), says('client', 'not for you'), bytes, close, says('server', 'too late'));
    const { url } = await listen();
    for (const protocol of ['feed.v1', undefined]) {
      const { client, messages, closed } = hear(url, protocol === undefined ? {} : { protocol });
      expect(await closed).toEqual([4001, 'enough']);
      expect([messages, client.protocol]).toEqual([['one', Buffer.from([0, 255])], protocol ?? '']);
    }
  });

  test('what record wrote of one server is what a client of the other one gets', async () => {
    const { url: original } = await programs.serve('--echo');
    const recorded = await programs.run(['record', '--output', file, original], 'one\ntwo\n');
    expect(recorded).toEqual({ code: 0, out: '', err: '' });
    const { url } = await listen('--as-fast');
    expect(await programs.run(['connect', '--no-stdin', url])).toEqual({ code: 0, out: 'one\ntwo\n', err: '' });
  });

  test('by the clock: an hour is an hour, unless it is told otherwise', async () => {
    write(says('server', 'now'), says('server', 'later', AN_HOUR_MS));
    const patient = hear((await listen()).url);
    const fast = [['--as-fast'], ['--speed', '1000000']].map(async (flags) => hear((await listen(...flags)).url));
    for (const { messages, closed } of await Promise.all(fast)) {
      expect([(await closed)[0], messages]).toEqual([1000, ['now', 'later']]);
    }
    expect([patient.messages, patient.client.readyState]).toEqual([['now'], WebSocket.OPEN]);
  });

  test('--in-turn: an answer comes when the client has asked, and a client that asks early is heard', async () => {
    write(
      says('client', 'a?'),
      says('server', 'a!', 5),
      says('client', 'b?', AN_HOUR_MS),
      says('server', 'b!', AN_HOUR_MS),
    );
    const { url } = await listen('--in-turn');
    const { client, messages, closed } = hear(url);
    await once(client, 'open');
    expect(messages).toEqual([]);
    client.send('first');
    await once(client, 'message');
    expect(messages).toEqual(['a!']);
    client.send('second');
    expect([(await closed)[0], messages]).toEqual([1000, ['a!', 'b!']]);
    const early = hear(url);
    await once(early.client, 'open');
    early.client.send('first');
    early.client.send('second');
    expect([(await early.closed)[0], early.messages]).toEqual([1000, ['a!', 'b!']]);
  });

  test('pages of other origins are refused, unless --origins lets them in', async () => {
    write(says('server', 'x'));
    const origin = 'http://elsewhere.example';
    const [open, shut] = [await listen('--origins', origin), await listen('-v')];
    expect((await hear(open.url, { origin }).closed)[0]).toBe(1000);
    expect((await hear(shut.url, { origin }).closed)[0]).toBe(1006);
    await shut.server.says(/refused: .*origin/i);
  });

  test('a client that goes away in the middle is nobody else’s trouble; -v tells of it', async () => {
    write(says('server', 'now'), says('server', 'later', AN_HOUR_MS));
    const { server, url } = await listen('-v');
    const first = hear(url);
    await once(first.client, 'message');
    first.client.terminate();
    await server.says(/#1 closed 1006/);
    const second = hear(url);
    await once(second.client, 'message');
    second.client.close(1000);
    expect((await second.closed)[0]).toBe(1000);
    await server.says(/#2 closed 1000/);
  });

  test('a session with a mistake is refused before anybody comes: exit code 2, and the line', async () => {
    write(says('server', 'one'), '{"ms":"soon"}');
    const err = 'framepipe: Line 3 of the session is no event.\n';
    expect(await programs.run(['replay', '--listen', '0', file])).toEqual({ code: 2, out: '', err });
  });

  test('a port that it cannot have, a file that is not there: exit code 1, and one sentence', async () => {
    write(says('server', 'x'));
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await programs.run(['replay', '--listen', port, file]);
    other.close();
    expect(taken).toEqual({ code: 1, out: '', err: `framepipe: Port ${port} is in use; port 0 is any free one.\n` });
    const missing = await programs.run(['replay', '--listen', 0, join(folder, 'none')]);
    expect(missing).toEqual({ code: 1, out: '', err: expect.stringMatching(/^framepipe: There is no .*none\.\n$/) });
  });
});

test('replay --in-turn as the client: it asks again when it was answered, however long that takes', async () => {
  write(says('client', 'a?'), says('server', 'a!', 1), says('client', 'b?', 2), says('server', 'b!', 3));
  const heard: string[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (ws) => {
    ws.on('message', async (data) => {
      heard.push(String(data));
      // What does not wait for the answer is here before the pong is.
      ws.ping();
      await once(ws, 'pong');
      ws.send(`answer to ${heard}`);
    });
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ending = await programs.run(['replay', '--in-turn', '--as-fast', file, url]);
  server.close();
  expect(ending).toEqual({ code: 0, out: 'answer to a?\nanswer to a?,b?\n', err: '' });
});
