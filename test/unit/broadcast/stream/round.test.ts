import { Batch } from '../../../../src/broadcast/stream/batch.js';
import { Round } from '../../../../src/broadcast/stream/round.js';

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
