import type { NatsClient } from '../../../../src/backplane/stream/clients.js';
import type { Sink } from '../../../../src/backplane/stream/engine.js';
import { checkOpen, watch } from '../../../../src/backplane/stream/watch.js';
import { turns } from '../../../support/streams.js';

/** A connection of which only the life is told, by hand. */
function watched() {
  const told: ((event: IteratorResult<{ type: string }>) => void)[] = [];
  let close = (_: unknown) => {};
  const closed = new Promise<unknown>((resolve) => {
    close = resolve;
  });
  const events = {
    next: () => new Promise<IteratorResult<{ type: string }>>((resolve) => told.push(resolve)),
    return: jest.fn(async () => ({ done: true as const, value: undefined })),
  };
  const connection = { status: () => ({ [Symbol.asyncIterator]: () => events }), closed: () => closed };
  const sink = { failed: jest.fn() };
  const back = jest.fn();
  const stop = watch(connection as unknown as NatsClient, sink as unknown as Sink, back);
  const tell = async (type: string) => {
    told.shift()?.({ done: false, value: { type } });
    await turns(2);
  };
  return { sink, back, stop, tell, close, events };
}

test('only a reconnect is one', async () => {
  const { back, tell } = watched();
  for (const type of ['disconnect', 'reconnecting', 'reconnect', 'update', 'reconnect']) await tell(type);
  expect(back).toHaveBeenCalledTimes(2);
});

test('a connection that is closed fails the topic, with the cause', async () => {
  const { sink, close } = watched();
  const cause = new Error('no more attempts');
  close(cause);
  await turns(2);
  expect(sink.failed.mock.calls).toEqual([[expect.objectContaining({ code: 'ERR_BACKPLANE_CLOSED', cause })]]);
});

test('nothing is told after it was stopped', async () => {
  const { sink, back, stop, tell, close, events } = watched();
  stop();
  await tell('reconnect');
  close(undefined);
  await turns(2);
  expect([sink.failed.mock.calls, back.mock.calls, events.return.mock.calls.length]).toEqual([[], [], 1]);
});

test('an open connection is none to complain about, a closed one is', () => {
  const connection = (isClosed: boolean) => ({ isClosed: () => isClosed }) as NatsClient;
  const cause = new Error('why');
  expect(() => checkOpen(connection(false))).not.toThrow();
  expect(() => checkOpen(connection(true), cause)).toThrow(
    expect.objectContaining({ code: 'ERR_BACKPLANE_CLOSED', cause }),
  );
});
