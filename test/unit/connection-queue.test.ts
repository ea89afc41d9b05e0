import { EventEmitter } from 'node:events';
import { ConnectionQueue } from '../../src/connection-queue.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';

const socket = (name: string) => name as unknown as WebSocketDuplex;

function queue(isOver = false) {
  const server = new EventEmitter();
  return { server, queue: new ConnectionQueue(server, isOver) };
}

test('connections wait to be asked for, and askers wait for connections, both in order', async () => {
  const { server, queue: one } = queue();
  server.emit('connection', socket('a'));
  server.emit('connection', socket('b'));
  expect(await one.next()).toEqual({ done: false, value: 'a' });
  const asked = [one.next(), one.next(), one.next()];
  server.emit('connection', socket('c'));
  server.emit('connection', socket('d'));
  expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(['b', 'c', 'd']);
});

test('ends with the server, after those that wait; who waits is told', async () => {
  const { server, queue: one } = queue();
  const early = queue();
  const waiting = early.queue.next();
  server.emit('connection', socket('last'));
  server.emit('close');
  early.server.emit('close');
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await one.next()).toEqual({ done: false, value: 'last' });
  expect(await one.next()).toEqual({ done: true, value: undefined });
});

test('leaving the loop takes its listeners with it', async () => {
  const { server, queue: one } = queue();
  server.emit('connection', socket('a'));
  for await (const _ of one) break;
  expect(server.eventNames()).toEqual([]);
  server.emit('connection', socket('b'));
  expect(await one.next()).toEqual({ done: true, value: undefined });
});

test('of a server that has closed it is over from the beginning', async () => {
  const { server, queue: one } = queue(true);
  expect(await one.next()).toEqual({ done: true, value: undefined });
  expect(server.eventNames()).toEqual([]);
});
