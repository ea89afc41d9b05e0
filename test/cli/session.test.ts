/**
 * `framepipe connect` in a terminal, by a person's eyes and keys.
 *
 * Knows: the screen. Does not know: what is sent; the server shows it.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Programs } from './support/program.js';
import { FRAMEPIPE, Terminal } from './support/terminal.js';

const programs = new Programs();
const home = mkdtempSync(join(tmpdir(), 'framepipe-home-'));
const env = { XDG_STATE_HOME: home };
let terminal: Terminal | null = null;

afterEach(async () => {
  terminal?.close();
  terminal = null;
  await programs.end();
});
afterAll(() => rmSync(home, { recursive: true }));

/** A terminal in which `connect` talks to an echo. */
async function session(flags = '', size: { columns?: number; env?: Record<string, string> } = {}): Promise<Terminal> {
  const { url } = await programs.serve('--echo');
  terminal = new Terminal({ ...size, env: { ...env, ...size.env } });
  terminal.enter(`clear; ${FRAMEPIPE} connect ${flags} ${url}; echo "exit $?"`);
  await terminal.shows(/\/help lists commands\)\n>/);
  return terminal;
}

test('a line is a message, its echo is shown above the prompt, Ctrl-D closes with 1000', async () => {
  const screen = await session();
  screen.enter('hello');
  await screen.shows(/^> hello\n< hello\n>$/m);
  screen.press('C-d');
  await screen.shows(/Closed 1000 \(normal\)\nexit 0/);
});

test('what is being typed stays when something comes', async () => {
  const screen = await session('-v');
  screen.enter('/ping');
  screen.press('half a li');
  await screen.shows(/pong after [\d.]+ m?s\n> half a li$/m);
  screen.enter('ne');
  await screen.shows(/< half a line/);
});

test('bytes are a dump that fits, at 80 and at 60 columns', async () => {
  const dumps: string[] = [];
  for (const columns of [80, 60]) {
    const screen = await session('', { columns });
    screen.enter('/binary 00 01 02 03 04 05 06 07 08 09 0a 0b 41 42 43 44 ff');
    dumps.push(await screen.shows(/< 17 bytes, binary\n(?:0000.*\n)+>/));
    screen.close();
  }
  terminal = null;
  expect(dumps[0]).toContain(
    '00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 41 42 43 44  |............ABCD|\n00000010  ff ',
  );
  expect(dumps[1]).toContain(
    '00000000  00 01 02 03 04 05 06 07  |........|\n00000008  08 09 0a 0b 41 42 43 44  |....ABCD|\n',
  );
});

test('line editing, and a history that outlives the session and nobody else may read', async () => {
  const screen = await session();
  screen.press('wrld', 'Left', 'Left', 'Left', 'o', 'Enter');
  await screen.shows(/< world/);
  screen.press('C-d');
  await screen.shows(/exit 0/);
  screen.close();
  const file = join(home, 'framepipe/history');
  expect([readFileSync(file, 'utf8').split('\n')[0], statSync(file).mode & 0o777]).toEqual(['world', 0o600]);
  const later = await session();
  later.press('Up', 'Enter');
  await later.shows(/^> world\n< world$/m);
  later.press('C-d');
  await later.shows(/exit 0/);
});

test('--no-history leaves no trace', async () => {
  const screen = await session('--no-history', { env: { XDG_STATE_HOME: join(home, 'none') } });
  screen.enter('secret');
  await screen.shows(/< secret/);
  expect(() => statSync(join(home, 'none'))).toThrow('ENOENT');
});

test('/close with code and reason; the code of the peer is shown at the end', async () => {
  const screen = await session('-v');
  screen.enter('/close 4000 so long');
  await screen.shows(/← close 4000\nClosed 4000\nexit 0/);
});

test('a command that is none is explained, and the session goes on', async () => {
  const screen = await session();
  screen.enter('/nope');
  await screen.shows(/There is no \/nope/);
  screen.enter('//nope');
  await screen.shows(/< \/nope/);
  screen.enter('/help');
  await screen.shows(/\/ping \[TEXT\] +send a ping/);
});

test('Ctrl-C leaves with 130 and gives the terminal back', async () => {
  const screen = await session();
  screen.press('C-c');
  await screen.shows(/Closed 1001 \(going away\)\nexit 130/);
  screen.enter('echo st""ill here');
  await screen.shows(/^still here/m);
});

test('a server that goes away is told, with its code', async () => {
  const { server, url } = await programs.serve('--echo');
  terminal = new Terminal({ env });
  terminal.enter(`clear; ${FRAMEPIPE} connect ${url}; echo "exit $?"`);
  await terminal.shows(/\n>/);
  server.interrupt();
  await terminal.shows(/Closed 1001 \(going away\)\nexit 0/);
});

test('colours on a terminal, none with NO_COLOR', async () => {
  const control = String.fromCharCode(27);
  const painted = await session();
  painted.enter('hello');
  await painted.shows(/< hello/);
  expect(painted.painted()).toContain(`${control}[36m< hello`);
  painted.close();
  const plain = await session('', { env: { NO_COLOR: '1' } });
  plain.enter('hello');
  await plain.shows(/< hello/);
  expect(plain.painted()).not.toContain(`${control}[3`);
});

test('progress on the screen while a file is sent, with the time that is left', async () => {
  const { url } = await programs.serve('--echo');
  terminal = new Terminal({ columns: 64, env });
  terminal.enter(
    `truncate -s 300M ${home}/file; clear; ${FRAMEPIPE} connect -b ${url} < ${home}/file > ${home}/copy; echo "exit $?"`,
  );
  await terminal.shows(/^ *\d+% {2}↑ [\d.]+ MiB of 300 MiB .*(?:ETA|\/s)/m);
  const last = await terminal.shows(/exit 0/);
  expect(last).toMatch(/^100% {2}↑ 300 MiB of 300 MiB {2}↓ 300 MiB .*\nexit 0/m);
  terminal.enter(`cmp ${home}/file ${home}/copy && echo same`);
  await terminal.shows(/^same/m);
});

test('what was too short for a progress line still has a rate in the one that stays', async () => {
  const { url } = await programs.serve('--echo');
  terminal = new Terminal({ env });
  terminal.enter(`clear; echo hello | ${FRAMEPIPE} connect ${url} | cat; echo "exit $?"`);
  const screen = await terminal.shows(/exit 0/);
  expect(screen).toMatch(/^↑ 6 B {2}↓ 5 B {2}[1-9]\d* B\/s {2}0:00$/m);
});
