import { Batch } from '../../../../src/broadcast/stream/batch.js';
import { Broadcast } from '../../../../src/broadcast/stream/broadcast.js';
import { Round } from '../../../../src/broadcast/stream/round.js';
import { heard, member } from '../../../support/crowd.js';
import { turn, turns } from '../../../support/streams.js';
import { afterTest } from '../../../support/web-sockets.js';

afterEach(() => jest.restoreAllMocks());

/** A clock that goes on by `ms` each time it is looked at. */
function clock(ms: number): void {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += ms;
    return now;
  });
}

const clientsOf = (count: number) => Array.from({ length: count }, (_, name) => ({ name, deliver: jest.fn() }));

test('each client has its share once, in order, and is reported', () => {
  const batch = new Batch();
  const clients = clientsOf(100);
  clock(0);
  const had: number[] = [];
  expect(new Round(batch, clients).proceed(({ name }) => had.push(name))).toBe(true);
  expect(had).toEqual(clients.map(({ name }) => name));
  for (const { deliver } of clients) expect(deliver.mock.calls).toEqual([[batch]]);
});

test('after 4 ms others have a turn, and the round goes on where it was', () => {
  const clients = clientsOf(100);
  clock(2);
  const round = new Round(new Batch(), clients);
  const had: number[] = [];
  const turn = () => round.proceed(({ name }) => had.push(name));
  expect([turn(), had.length]).toEqual([false, 32]);
  expect([turn(), had.length]).toEqual([false, 64]);
  expect([turn(), turn(), had.length]).toEqual([false, true, 100]);
  expect(new Set(had).size).toBe(100);
});

test('clients may leave meanwhile', () => {
  const clients = new Map(clientsOf(40).map((client) => [client.name, client]));
  clock(5);
  const round = new Round(new Batch(), clients.values());
  const had: number[] = [];
  round.proceed(({ name }) => had.push(name));
  for (let name = 10; name < 39; name++) clients.delete(name);
  expect(round.proceed(({ name }) => had.push(name))).toBe(true);
  expect(had).toEqual([...Array(16).keys(), 39]);
});

test('destroyed between two turns of a round: nobody gets anything more', async () => {
  const broadcast = new Broadcast();
  afterTest(() => broadcast.destroy());
  const late = await member();
  for (let at = 0; at < 16; at++) {
    // Longer than a turn may take, all of them together: the last one has its share in the next turn.
    const filter = () => {
      for (const until = performance.now() + 1; performance.now() < until; );
      return true;
    };
    broadcast.add((await member()).ws, { filter });
  }
  broadcast.add(late.ws);
  broadcast.write('a');
  await turn();
  expect(broadcast.stats.delivered).toBe(16);
  broadcast.destroy();
  await turns(3);
  expect([heard(late), broadcast.stats.delivered, late.ws.writable]).toEqual([[], 16, true]);
});
