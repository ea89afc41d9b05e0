import fc from 'fast-check';
import { brokenRequests, handshakeRequests } from '../../../src/arbitraries/handshake-requests.js';
import { acceptKey } from '../../../src/handshake/accept-key.js';
import { judgeRequest } from '../../../src/handshake/judge-request.js';

test('every legal request is accepted, and answered with the proof of its key', () => {
  const law = fc.property(handshakeRequests(), ({ head, key }) => {
    expect(judgeRequest(head)).toMatchObject({ accepted: true, accept: acceptKey(key) });
  });
  fc.assert(law, { numRuns: 300 });
});

test('every spoilt request is refused with its status', () => {
  const law = fc.property(brokenRequests(), ({ head, status }) => {
    expect(judgeRequest(head)).toMatchObject({ accepted: false, status });
  });
  fc.assert(law, { numRuns: 500 });
});

test('a spoilt request reads as its fault, then its bytes', () => {
  const [one] = fc.sample(brokenRequests(), 1);
  expect(String(one)).toBe(`${one?.fault} (${one?.status}):\n${one?.bytes.toString('latin1')}`);
});
