import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { Feed } from '../../../src/demo/feed.js';
import type { LabOutcome } from '../../../src/demo/lab-client.js';
import { Room } from '../../../src/demo/room.js';
import { socketPair } from '../../support/socket-pair.js';
import { hex } from '../../support/wire.js';

interface Line {
  readonly type: string;
  readonly cases?: readonly unknown[];
  readonly detail?: { readonly direction: string; readonly payload: string };
  readonly pieces?: number;
  readonly payloadIn?: number;
  readonly payloadOut?: number;
  readonly why?: string;
}

const rooms: Room[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
  for (const socket of sockets.splice(0)) socket.destroy();
});

function room(runLab: () => Promise<LabOutcome> = () => Promise.resolve({ closeCode: 1002, error: 'No.' })) {
  const lines: Line[] = [];
  const out = new Writable({ objectMode: true, write: (line, _, done) => done(void lines.push(JSON.parse(line))) });
  const made = new Room(new Feed(out), runLab);
  rooms.push(made);
  const commands = made.commands(() => {});
  const until = async (type: string, matches: (line: Line) => boolean = () => true) => {
    for (let tries = 0; tries < 200; tries++) {
      const line = lines.find((candidate) => candidate.type === type && matches(candidate));
      if (line !== undefined) return line;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`No ${type} line among ${lines.map((line) => line.type).join(', ')}`);
  };
  return { room: made, lines, until, say: (command: object) => commands.write(JSON.stringify(command)) };
}

async function page(watching: Room) {
  const { near, far } = await socketPair();
  sockets.push(near, far);
  watching.attach(far, 'echo');
  return near;
}

const HELLO = hex`81 85 37fa213d 7f9f4d5158`;

test('a watcher is greeted with the lab cases', () => {
  expect(room().lines[0]).toMatchObject({ type: 'hello' });
  expect(room().lines[0]?.cases).toContainEqual({ id: 'stray', title: 'A continuation of nothing' });
});

test('frames of both directions are told, with the connection that they were seen on', async () => {
  const { room: made, until } = room();
  const browser = await page(made);
  browser.write(HELLO);
  const detail = { connection: 'echo', opcode: 1, payload: '48656c6c6f' };
  const way = (direction: string) => (line: Line) => line.detail?.direction === direction;
  expect(await until('frame', way('in'))).toMatchObject({ detail: { ...detail, key: '37fa213d' } });
  expect(await until('frame', way('out'))).toMatchObject({ detail: { ...detail, key: null } });
});

test('pause stops the echo and the numbers say where the bytes are; resume lets them through', async () => {
  const { room: made, until, say } = room();
  const browser = await page(made);
  say({ type: 'pause' });
  browser.write(HELLO);
  expect(await until('pressure', (line) => line.payloadIn === 5)).toMatchObject({ paused: true, taken: 0 });
  expect(browser.readableLength).toBe(0);
  say({ type: 'resume' });
  expect(await until('pressure', (line) => line.payloadOut === 5)).toMatchObject({ paused: false, taken: 5 });
});

test('ping and fragments do what they say', async () => {
  const { room: made, until, say } = room();
  const browser = await page(made);
  say({ type: 'fragments', pieces: 2 });
  await until('armed', (line) => line.pieces === 2);
  browser.write(HELLO);
  await until('armed', (line) => line.pieces === 0);
  say({ type: 'ping' });
  await until('frame', (line) => line.detail?.payload === Buffer.from('are you there?').toString('hex'));
});

test('a violation is told with its sentence', async () => {
  const { room: made, until } = room();
  const browser = await page(made);
  browser.write(hex`81 05 48656c6c6f`);
  expect(await until('failed')).toMatchObject({ connection: 'echo', code: 'ERR_WS_MASK_MISSING', closeCode: 1002 });
});

test('a page that leaves opens its valve', async () => {
  const { room: made, say } = room();
  const browser = await page(made);
  say({ type: 'pause' });
  browser.write(HELLO);
  made.leave();
  const [echoed] = await once(browser, 'data');
  expect(echoed).toEqual(hex`81 05 48656c6c6f`);
});

test('a lab verdict has what was expected and what came', async () => {
  const { until, say } = room();
  say({ type: 'lab', case: 'stray' });
  expect(await until('lab')).toMatchObject({ expects: 1002, closeCode: 1002, error: 'No.' });
});

test.each([
  [{ type: 'dance' }, /commands are/],
  [{ type: 'lab', case: 'none such' }, /no such lab case/],
  [{ type: 'ping' }, /no connection/],
])('%j is refused with a sentence', async (command, why) => {
  const { until, say } = room();
  say(command);
  expect((await until('refused')).why).toMatch(why);
});

test('one lab run at a time', async () => {
  const { until, say } = room(() => new Promise(() => {}));
  say({ type: 'lab', case: 'stray' });
  say({ type: 'lab', case: 'stray' });
  expect((await until('refused')).why).toMatch(/busy/);
});
