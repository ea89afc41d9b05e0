import type { Sink } from '../../../../src/backplane/stream/engine.js';
import { follow } from '../../../../src/backplane/stream/follow.js';
import { RedisByHand } from '../../../support/redis-by-hand.js';

function followed() {
  const client = new RedisByHand();
  const [failed, back] = [jest.fn(), jest.fn()];
  const connected = follow(client, { failed } as unknown as Sink, back);
  return { client, failed, back, connected };
}

test('the first time that it is ready is no reconnect, each other time is', async () => {
  const { client, back, connected } = followed();
  await connected;
  expect(back).not.toHaveBeenCalled();
  client.emit('ready');
  client.emit('ready');
  expect(back).toHaveBeenCalledTimes(2);
});

test('an error after which it tries again is nobody’s business; one after which it does not, fails the topic', async () => {
  const { client, failed, connected } = followed();
  await connected;
  client.emit('error', new Error('the socket was closed'));
  expect(failed).not.toHaveBeenCalled();
  const cause = new Error('no more attempts');
  client.isOpen = false;
  client.emit('error', cause);
  expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'ERR_BACKPLANE_CLOSED', cause })]]);
});

test('its end fails the topic', async () => {
  const { client, failed, connected } = followed();
  await connected;
  client.destroy();
  expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: 'ERR_BACKPLANE_CLOSED' })]]);
});

test.each([
  ['connect ECONNREFUSED', 'ERR_BACKPLANE_CLOSED'],
  ['WRONGPASS invalid username-password pair', 'ERR_BACKPLANE_REFUSED'],
])('never connected, because of %s: %s', async (message, code) => {
  const client = new RedisByHand();
  const cause = new Error(message);
  client.connect.mockRejectedValueOnce(cause);
  await expect(follow(client, {} as Sink, () => {})).rejects.toMatchObject({ code, cause });
});
