import {
  consumerIn,
  createConsumer,
  errorIn,
  isStored,
  nextMessages,
  sequenceOf,
  stateIn,
  streamInfo,
} from '../../../src/backplane/jetstream.js';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

test('requests', () => {
  expect(streamInfo('S')).toEqual({ subject: '$JS.API.STREAM.INFO.S', payload: Buffer.alloc(0) });
  const { subject, payload } = createConsumer('S', 'a.b', 41);
  expect(subject).toBe('$JS.API.CONSUMER.CREATE.S');
  expect(JSON.parse(String(payload))).toMatchObject({
    stream_name: 'S',
    config: { opt_start_seq: 42, filter_subject: 'a.b', ack_policy: 'none', deliver_policy: 'by_start_sequence' },
  });
  const next = nextMessages('S', 'C', 32, 1_000);
  expect([next.subject, JSON.parse(String(next.payload))]).toEqual([
    '$JS.API.CONSUMER.MSG.NEXT.S.C',
    { batch: 32, expires: 1_000_000_000 },
  ]);
});

test('replies', () => {
  expect(errorIn(json({ error: { code: 404, description: 'stream not found' } }))).toEqual({
    code: 404,
    description: 'stream not found',
  });
  expect(stateIn(json({ state: { first_seq: 3, last_seq: 9 } }))).toEqual({ firstSequence: 3, lastSequence: 9 });
  expect(consumerIn(json({ name: 'C' }))).toBe('C');
  expect([isStored(json({ stream: 'S', seq: 5 })), isStored(json({}))]).toEqual([true, false]);
});

test.each([
  ['no JSON', Buffer.from('{')],
  ['null', json(null)],
  ['a number', json(5)],
  ['of other fields', json({ x: 1 })],
])('a reply that is %s says nothing', (_, reply) => {
  expect([errorIn(reply), stateIn(reply), consumerIn(reply), isStored(reply)]).toEqual([null, null, null, false]);
});

test('the place of a message, in both forms of its subject', () => {
  expect(sequenceOf('$JS.ACK.S.C.1.42.7.1700000000000000000.0')).toBe(42);
  expect(sequenceOf('$JS.ACK.hub.acct.S.C.1.42.7.1700000000000000000.0.x')).toBe(42);
  for (const wrong of [undefined, '', '_INBOX.a', '$JS.ACK.S', '$JS.ACK.S.C.1.x.7.1.0']) {
    expect(sequenceOf(wrong)).toBeNull();
  }
});
