/**
 * A thousand connections between two processes: what the end of a server says to them, and what they leave behind.
 */
import { BY_ITSELF, type Child, Children, ends } from './support/child.js';
import { figure, inMebibytes, KIBIBYTE } from './support/figures.js';

const CONNECTIONS = 1_000;
const ROUNDS = 20;
/** Rounds until caches are full and code is compiled. */
const WARM_UP = 4;

interface Left {
  readonly heapUsed: number;
  readonly external: number;
  readonly handles: readonly string[];
  readonly listeners?: number;
}

const children = new Children();
afterEach(() => children.end());

async function start(flags: readonly string[] = []): Promise<[Child, Child]> {
  const host = children.start('host', { flags });
  const crowd = children.start('crowd', { args: [CONNECTIONS], flags });
  crowd.tell('port', await host.heard('port'));
  return [host, crowd];
}

test('server.close() drains: each of 1,000 clients sees 1001, and both processes end', async () => {
  const [host, crowd] = await start();
  crowd.tell('open');
  await crowd.heard('opened');
  host.tell('count');
  expect(await host.heard('count')).toBe(CONNECTIONS);
  host.tell('drain');
  expect(await crowd.heard('closed')).toEqual({ 1001: CONNECTIONS });
  expect(await host.heard('drained')).toBe(0);
  for (const child of [host, crowd]) child.tell('leave');
  expect(await ends(host, crowd)).toEqual([BY_ITSELF, BY_ITSELF]);
});

test('1,000 connections opened and closed 20 times leave no heap, no handle and no listener behind', async () => {
  const [host, crowd] = await start(['--expose-gc']);
  const left: [Left, Left][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    crowd.tell('open');
    await crowd.heard('opened');
    // Each side is the first to close in every other round.
    if (round % 2 === 0) crowd.tell('close');
    else host.tell('close crowd');
    expect(await crowd.heard('closed')).toEqual({ 1000: CONNECTIONS });
    for (const child of [host, crowd]) child.tell('measure');
    left.push(await Promise.all([host.heard<Left>('left'), crowd.heard<Left>('left')]));
  }
  for (const child of [host, crowd]) child.tell('leave');
  expect(await ends(host, crowd)).toEqual([BY_ITSELF, BY_ITSELF]);

  for (const at of [0, 1] as const) {
    const rounds = left.map((pair) => pair[at]);
    figure(`${at === 0 ? 'server' : 'client'} heap after each round: ${rounds.map((r) => inMebibytes(r.heapUsed))}`);
    expectNoGrowth(rounds.slice(WARM_UP));
  }
}, 120_000);

/** Less than 32 bytes a connection, less than any object of ours has, and the same handles and listeners throughout. */
function expectNoGrowth(rounds: readonly Left[]): void {
  const [first, last] = [rounds[0], rounds.at(-1)];
  const budget = (rounds.length - 1) * CONNECTIONS * 32;
  expect(budget).toBeLessThan(512 * KIBIBYTE);
  expect((last?.heapUsed ?? 0) - (first?.heapUsed ?? 0)).toBeLessThan(budget);
  expect((last?.external ?? 0) - (first?.external ?? 0)).toBeLessThan(budget);
  expect(last?.handles).toEqual(first?.handles);
  expect(last?.listeners).toBe(first?.listeners);
}
