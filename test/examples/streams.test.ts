/** The examples with a client of their own: the chat, the upload, the feed. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GRACEFUL, Runs } from './support/example.js';

const runs = new Runs();
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterEach(() => runs.end());
afterAll(() => rmSync(folder, { recursive: true }));

test('broadcast-chat.mjs: what one says, all get; when the room closes, everybody goes', async () => {
  const room = runs.example('broadcast-chat');
  const url = `ws://localhost:${await room.port()}`;
  const people = [1, 2, 3].map(() => runs.example('broadcast-chat', { args: [url] }));
  for (const [at, person] of people.entries()) {
    person.type(`I am ${at}`);
    await person.printed(new RegExp(`I am ${at}\n`));
  }
  people[2]?.type('hello, all');
  await Promise.all(people.map((person) => person.printed(/hello, all\n/)));
  expect(await room.stop()).toEqual(GRACEFUL);
  const endings = await Promise.all(people.map((person) => person.ended));
  expect(endings.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
});

test('upload-hash.mjs: a file, one of 0 bytes too, and its hash comes back', async () => {
  const server = runs.example('upload-hash');
  const url = `ws://localhost:${await server.port()}`;
  for (const size of [0, 1, 20 * 1024 * 1024]) {
    const file = join(folder, `${size}.bin`);
    const bytes = randomBytes(size);
    writeFileSync(file, bytes);
    const upload = await runs.example('upload-hash', { args: [url, file] }).ended;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(upload).toEqual({ code: 0, signal: null, stdout: `${sha256}\n`, stderr: '' });
  }
  expect(await server.stop()).toEqual(GRACEFUL);
});

test('ndjson-feed.mjs: whole lines, in order, transformed, until the reader leaves; SIGTERM ends it under way', async () => {
  const feed = runs.example('ndjson-feed');
  const url = `ws://localhost:${await feed.port()}`;
  const leaves = runs.example('ndjson-feed', { args: [url] });
  await leaves.printed(/"id":1000,/);
  const { code, stdout, stderr } = await leaves.stop();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const ids = lines.map((line) => JSON.parse(line).id);
  expect(ids).toEqual(lines.map((_, at) => at * 2));
  expect(JSON.parse(lines[0] ?? '')).toEqual({ id: 0, temperature: 20, unit: '°C' });

  const stays = runs.example('ndjson-feed', { args: [url] });
  await stays.printed(/"id":1000,/);
  expect(await feed.stop()).toEqual(GRACEFUL);
  expect(await stays.ended).toMatchObject({ code: 0, stderr: '' });
});
