/**
 * How every command ends: wrong arguments, nobody there, a reader that goes away, Ctrl-C. Always by itself, with the right
 * exit code, and with a sentence or with nothing; never with a stack trace.
 *
 * Knows: the four endings, the same for all commands. Does not know: what a command needs for them (support/endings.ts).
 */
import { freePort } from '../support/free-port.js';
import { ROWS, type Row } from './support/endings.js';
import { type Ending, Programs } from './support/program.js';
import { Scene } from './support/scene.js';

const programs = new Programs();
let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(async () => {
  await scene.end();
  await programs.end();
});

/** The handshake does not time out within a test. */
const PATIENT = ['--timeout', '1h'];
const STACK = /^\s+at .*[:(]/m;
const ESCAPE = '\u001b';
const rows = Object.entries(ROWS);
const commands = [...new Set(rows.map(([name]) => name.split(' ', 1).join()))];
/** The commands that dial, with how they are made to. */
const dialling = rows.flatMap(([name, { dials }]) => (typeof dials === 'string' ? [] : [{ name, dials }]));

/** Nothing of the inside, nothing that paints. */
function expectPlain({ out, err }: Ending): void {
  expect(err).not.toMatch(STACK);
  expect(out + err).not.toContain(ESCAPE);
}

test('every command has a row', async () => {
  const { out } = await programs.run(['--help']);
  const listed = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(
    ([, name]) => name,
  );
  expect(listed.toSorted()).toEqual(commands.toSorted());
});

test('an empty cell says why', () => {
  const reasons = rows.flatMap(([, { dials, closes }]) => [dials, closes]).filter((cell) => typeof cell === 'string');
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z].{15,}\.$/);
});

describe('--help', () => {
  test.each(['framepipe', ...commands])(
    '%s: exit codes, examples, defaults with their units, 80 columns',
    async (name) => {
      const ending = await programs.run(name === 'framepipe' ? ['--help'] : [name, '--help']);
      expect(ending).toMatchObject({ code: 0, err: '' });
      const { out } = ending;
      expect(out).toMatch(
        /^Usage: framepipe[\s\S]*\nExit codes:\n {2}0 [\s\S]*\n {2}130 {2}Ctrl-C\n[\s\S]*\nExamples:\n {2}\S/,
      );
      const defaults = [...out.matchAll(/\(default:\s+([^)]*)\)/g)].map(([, value]) => value);
      for (const value of defaults) expect(value).not.toMatch(/^(?:[[{"].*|\d{5,})$/);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expectPlain(ending);
    },
  );
});

describe('wrong arguments: exit code 2, and what is wrong', () => {
  const root: [string[], RegExp][] = [
    [[], /Usage: framepipe/],
    [['conect'], /Did you mean connect\?/],
  ];
  const all = rows.flatMap(([name, { wrong }]) =>
    wrong.map(([args, says]) => [[...name.split(' '), ...args], says] as const),
  );
  test.each([...root, ...all])('%j', async (args, says) => {
    const ending = await programs.run(args);
    expect(ending).toEqual({ code: 2, out: '', err: expect.stringMatching(says) });
    expectPlain(ending);
  });
});

describe('nobody there: exit code 1, and one sentence', () => {
  test.each(dialling)('$name: a port where nobody listens', async ({ name, dials }) => {
    const ending = await programs.run([name, ...dials(`ws://127.0.0.1:${await freePort()}`, scene)]);
    const says = /^framepipe: No connection to the server could be made [^\n]*ECONNREFUSED[^\n]*\n$/;
    expect(ending).toEqual({ code: 1, out: '', err: expect.stringMatching(says) });
    expectPlain(ending);
  });

  test.each(dialling)('$name: a host that has no address', async ({ name, dials }) => {
    const ending = await programs.run([name, ...dials('ws://no-such-host.invalid', scene)]);
    const says = /^framepipe: [^\n]*no-such-host\.invalid[^\n]*\n$/;
    expect(ending).toEqual({ code: 1, out: '', err: expect.stringMatching(says) });
    expectPlain(ending);
  });
});

describe('nobody reads what it writes: it ends without a word, exit code 0', () => {
  test.each(rows)('%s', async (_, { writes }: Row) => {
    const program = await writes(scene);
    program.process.stdout.destroy();
    const { code, err } = await program.ended;
    expect([code, err]).toEqual([0, '']);
  });
});

describe('Ctrl-C: exit code 130', () => {
  test.each(rows)('%s, at work: without a word, and its peers are told', async (_, { works, closes }: Row) => {
    const program = await works(scene);
    const codes = typeof closes === 'number' ? scene.codes() : [];
    const ending = await program.interrupt().ended;
    expect([ending.code, ending.err]).toEqual([130, '']);
    expectPlain(ending);
    expect(new Set(await codes)).toEqual(new Set(typeof closes === 'number' ? [closes] : []));
  });

  test.each(dialling)('$name, while the server does not answer', async ({ name, dials }) => {
    const args = dials(`ws://127.0.0.1:${await scene.silence()}`, scene);
    const program = scene.start(name, ...PATIENT, ...args);
    await scene.dialled();
    expect(await program.interrupt().ended).toEqual({ code: 130, out: '', err: '' });
  });

  test('bridge, while the server behind it does not answer', async () => {
    const bridge = scene.start('bridge', ...PATIENT, 'tcp://:0', `ws://127.0.0.1:${await scene.silence()}`);
    const [, port] = await bridge.says(/from tcp:\/\/127\.0\.0\.1:(\d+)/);
    await scene.dialTcp(Number(port));
    await scene.dialled();
    expect(await bridge.interrupt().ended).toMatchObject({ code: 130, err: '' });
  });
});
