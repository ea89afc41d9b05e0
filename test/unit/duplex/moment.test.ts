import { Moment } from '../../../src/duplex/moment.js';
import { turns } from '../../support/streams.js';

test('an outcome before and after somebody asks', async () => {
  const early = new Moment<number>();
  early.resolve(1);
  expect(await early.promise).toBe(1);
  const late = new Moment<number>();
  const asked = late.promise;
  late.resolve(2);
  expect(await asked).toBe(2);
  expect(late.promise).toBe(asked);
});

test('only the first outcome counts', async () => {
  const moment = new Moment<number>();
  expect(moment.hasCome).toBe(false);
  moment.reject(new Error('first'));
  moment.resolve(2);
  expect(moment.hasCome).toBe(true);
  await expect(moment.promise).rejects.toThrow('first');
});

test('a rejection that nobody asked about, or that was asked about and not handled, is no unhandled one', async () => {
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  new Moment<void>().reject(new Error('unasked'));
  const asked = new Moment<void>();
  void asked.promise;
  asked.reject(new Error('asked'));
  await turns(3);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
