import fc from 'fast-check';
import { brokenResponses, handshakeResponses } from '../../../src/arbitraries/handshake-responses.js';
import { judgeResponse } from '../../../src/handshake/judge-response.js';
import { KEY } from '../../support/upgrade-request.js';

const offer = { key: KEY, subprotocols: ['chat', 'superchat'], extensions: [] };

test('every legal response is taken', () => {
  const responses = fc.sample(handshakeResponses(offer), 300);
  expect(responses.filter(({ head }) => !judgeResponse(offer, head).accepted).map(String)).toEqual([]);
  const chosen = responses.map(({ head }) => judgeResponse(offer, head)).map((one) => one.accepted && one.subprotocol);
  expect(new Set(chosen)).toEqual(new Set([null, 'chat', 'superchat']));
});

test('no spoilt response is taken', () => {
  const responses = fc.sample(brokenResponses(offer), 500);
  expect(responses.filter(({ head }) => judgeResponse(offer, head).accepted).map(String)).toEqual([]);
});

test('a spoilt response reads as its fault, then its bytes', () => {
  const [one] = fc.sample(brokenResponses(offer), 1);
  expect(String(one)).toBe(`${one?.fault}:\n${one?.bytes.toString('latin1')}`);
});
