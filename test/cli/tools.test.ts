/**
 * `framepipe record`, `replay`, `bench` and `fuzz`, against servers of ours and of others.
 *
 * Knows: what they print. Does not know: how fast anything is, and how every command ends (endings.test.ts).
 */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { Programs } from './support/program.js';

const programs = new Programs();
const servers: WebSocketServer[] = [];
const folder = mkdtempSync(join(tmpdir(), 'framepipe-tools-'));
const file = join(folder, 'session.jsonl');
const NOBODY = 'ws://127.0.0.1:1';

afterEach(async () => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
  await programs.end();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function other(onConnection: (ws: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  server.on('connection', (ws) => {
    ws.on('error', () => {});
    onConnection(ws);
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('record and replay', () => {
  test('a session there and back: both sides, both types, the close', async () => {
    const got: string[] = [];
    const url = await other((ws) => {
      ws.on('message', (data) => {
        got.push(String(data));
        ws.send(`re: ${data}`);
        ws.send(Buffer.from([0, 255]));
        if (String(data) === 'two') ws.close(1000, 'enough');
      });
    });
    const record = programs.start('record', '--output', file, url).type('one\ntwo\n');
    expect(await record.ended).toEqual({ code: 0, out: '', err: '' });
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ framepipe: 'session', version: 1, url, subprotocol: null });
    expect(lines.filter(({ from }) => from === 'client').map(({ text }) => text)).toEqual(['one', 'two']);
    expect(lines).toContainEqual({ ms: expect.any(Number), from: 'server', type: 'text', text: 're: one' });
    expect(lines).toContainEqual({ ms: expect.any(Number), from: 'server', type: 'binary', base64: 'AP8=' });
    expect(lines.at(-1)).toMatchObject({ from: 'server', type: 'close', code: 1000, reason: 'enough' });
    const replay = await programs.run(['replay', file]);
    expect([replay.code, replay.out]).toEqual([0, expect.stringMatching(/^re: one\n/)]);
    expect(got).toEqual(['one', 'two', 'one', 'two']);
  });

  test('replay keeps the pauses, unless it is told not to', async () => {
    const times: number[] = [];
    const url = await other((ws) => ws.on('message', () => times.push(performance.now())));
    const play = async (ms: number, ...flags: string[]) => {
      const session = [
        { framepipe: 'session', version: 1, url: NOBODY, subprotocol: null, startedAt: '' },
        { ms: 0, from: 'client', type: 'text', text: 'a' },
        { ms, from: 'client', type: 'binary', base64: 'AA==' },
      ];
      writeFileSync(file, session.map((line) => JSON.stringify(line)).join('\n'));
      expect((await programs.run(['replay', ...flags, file, url])).code).toBe(0);
      const [first = 0, second = 0] = times.splice(0);
      return second - first;
    };
    expect(await play(600)).toBeGreaterThan(550);
    expect(await play(600, '--speed', '4')).toBeGreaterThan(130);
    // An hour each, which no test has.
    await play(3_600_000, '--speed', '100000');
    await play(3_600_000, '--as-fast');
  });

  test('a directory that is not there', async () => {
    const url = await other(() => {});
    const gone = join(folder, 'none/session.jsonl');
    const err = `framepipe: There is no directory ${join(folder, 'none')}.\n`;
    expect(await programs.run(['record', '--output', gone, url])).toEqual({ code: 1, out: '', err });
  });

  test('Ctrl-C while recording: 130, and the file is whole', async () => {
    const url = await other((ws) => ws.send('hello'));
    const record = programs.start('record', url);
    await record.says(/hello/);
    const { code, out } = await record.interrupt().ended;
    expect([
      code,
      out
        .trimEnd()
        .split('\n')
        .every((line) => JSON.parse(line) !== null),
    ]).toEqual([130, true]);
  });

  test('a file that is not there is exit code 1', async () => {
    const err = expect.stringMatching(/^framepipe: There is no .*none\.\n$/);
    expect(await programs.run(['replay', join(folder, 'none')])).toEqual({ code: 1, out: '', err });
  });
});

describe('bench', () => {
  const quick = ['--duration', '600ms', '--connections', '2', '--in-flight', '3', '--size', '100'];

  test('counts what came back, and says what was asked of whom', async () => {
    const { url } = await programs.serve('--echo');
    const { code, out, err } = await programs.run(['bench', ...quick, url]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^load {6}2 connections, 3 messages in flight on each, 100 B a message\nechoed {4}[\d,]+ messages in/,
    );
    expect(out).toMatch(/^latency {3}p50 \S+ m?s {2}p99 \S+ m?s/m);
    expect(out).toMatch(/^client {4}\d+% of one core/m);
  });

  test('--json for scripts', async () => {
    const url = await other((ws) => ws.on('message', (data) => ws.send(data)));
    const { code, out } = await programs.run(['bench', '--json', ...quick, url]);
    const summary = JSON.parse(out);
    expect([code, summary.url]).toEqual([0, url]);
    expect(summary.messages).toBeGreaterThan(0);
    expect(summary.latencyMs.p99).toBeGreaterThanOrEqual(summary.latencyMs.p50);
  });

  test('a server that answers something else, one that goes: a sentence and exit code 1', async () => {
    const wrong = await other((ws) => ws.on('message', () => ws.send('no')));
    expect(await programs.run(['bench', wrong])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/does not echo/),
    });
    const gone = await other((ws) => ws.on('message', () => ws.close(1001)));
    expect((await programs.run(['bench', gone])).code).toBe(1);
  });

  test('nothing that was counted is no summary of noughts', async () => {
    const silent = await other(() => {});
    expect(await programs.run(['bench', '--duration', '600ms', silent])).toEqual({
      code: 1,
      out: '',
      err: 'framepipe: Nothing came back in the time that is counted.\n',
    });
    const came = new EventEmitter();
    const echo = await other((ws) => ws.on('message', () => came.emit('message')));
    const bench = programs.start('bench', '--duration', '60s', echo);
    await once(came, 'message');
    expect(await bench.interrupt().ended).toEqual({ code: 130, out: '', err: '' });
  });
});

describe('fuzz', () => {
  test('finds nothing in a server that is right, and says how to run the same again', async () => {
    const { url } = await programs.serve('--echo');
    expect(await programs.run(['fuzz', '-n', '40', '--seed', '7', url])).toEqual({
      code: 0,
      out: '40 runs, seed 7: no fault\n',
      err: '',
    });
  });

  test('finds a fault, shrinks it, is exit code 1; --json for scripts', async () => {
    const url = await other((ws) => ws.on('message', () => ws.close(4000)));
    const found = await programs.run(['fuzz', '-n', '200', url]);
    expect([found.code, found.out]).toEqual([1, expect.stringMatching(/^Failed after \d+ runs: \{ seed: -?\d+, path/)]);
    const json = await programs.run(['fuzz', '-n', '200', '--json', url]);
    expect(JSON.parse(json.out).failure).toMatchObject({ expected: expect.any(String), got: expect.any(String) });
  });
});
