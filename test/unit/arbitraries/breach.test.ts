import { formFor, framesBreach, headerBreach } from '../../../src/arbitraries/breach.js';
import { ping, text } from '../../support/frames.js';
import { hex } from '../../support/wire.js';

const key = hex`01020304`;

test('a server gets masked frames, a client unmasked ones', () => {
  expect(formFor({ to: 'server', key })).toEqual({ key });
  expect(formFor({ to: 'client', key })).toEqual({});
});

test('a header proves a breach where it is told, frames prove it at their end', () => {
  expect(headerBreach(ping(), 1, {})).toEqual({ bytes: hex`8900`, proof: 1, starts: [0], label: 'ping ""' });
  expect(framesBreach([text('a', false), ping()], {})).toEqual({
    bytes: hex`0101 61 8900`,
    proof: 4,
    starts: [0, 3],
    label: 'text "a" …, ping ""',
  });
  expect(framesBreach([ping()], {}, 0).proof).toBe(0);
});
