/** Two directions as one list, and how a direction ends before its time. */
import { type Direction, type Finding, findingsIn, findingsOf } from '../../../../src/cli/capture/finding.js';

const direction = (from: 'client' | 'server', ...pieces: [ms: number | null, wire: string][]): Direction => ({
  from,
  pieces: pieces.map(([ms, wire]) => ({ ms, bytes: Buffer.from(wire, 'hex') })),
  missingBytes: 0,
  maxFrameBytes: 1_000,
  inflation: null,
});
const label = (finding: Finding) =>
  finding.type === 'frame'
    ? `${finding.from} ${finding.frame.payload}`
    : `${finding.from} ${finding.code} ${finding.offset}`;

test('frames come in the order in which their last bytes were captured', () => {
  const client = direction('client', [1, '818100000000'], [4, '61'], [5, '81810000000062']);
  const server = direction('server', [2, '810178'], [5, '810179']);
  expect([...findingsOf(client, server)].map(label)).toEqual(['server x', 'client a', 'client b', 'server y']);
});

test('a violation ends its direction and no other', () => {
  const client = direction('client', [1, '8181000000006183'], [2, '818100000000']);
  const server = direction('server', [3, '810178']);
  expect([...findingsOf(client, server)].map(label)).toEqual([
    'client a',
    'client ERR_WS_RESERVED_OPCODE 7',
    'server x',
  ]);
});

test('a capture that ends within a frame or a message says so; at a boundary it does not', () => {
  expect([...findingsIn(direction('server', [null, '8102 61'.replace(' ', '')]))].map(label)).toEqual([
    'server CUT_OFF 3',
  ]);
  expect([...findingsIn(direction('server', [null, '010161']))].map(label)).toEqual(['server a', 'server CUT_OFF 3']);
  expect([...findingsIn(direction('server', [null, '810161']))].map(label)).toEqual(['server a']);
});

test('a gap is told with its size and its place', () => {
  const [, gap] = [...findingsIn({ ...direction('server', [null, '810161']), missingBytes: 7 })];
  expect(gap).toMatchObject({ type: 'fault', code: 'GAP', offset: 3, says: expect.stringContaining('7 bytes') });
});
