import { open } from '../../../src/backplane/envelope.js';
import { addEntry, awaitEntry, entriesFrom, entriesIn, lastEntry } from '../../../src/backplane/redis-entries.js';

const field = (name: string, value: string | Buffer) => [Buffer.from(name), Buffer.from(value)];

test('commands', () => {
  expect(addEntry('s', 100, 'hi', 'writer00', 7).map(String).join(' ')).toBe(
    'XADD s MAXLEN ~ 100 * m hi w writer00 n 7',
  );
  expect(addEntry('s', Infinity, 'hi', 'writer00', 7)).not.toContain('MAXLEN');
  expect(entriesFrom('s', '1-0', 64)).toEqual(['XRANGE', 's', '1-0', '+', 'COUNT', '65']);
  expect(lastEntry('s')).toEqual(['XREVRANGE', 's', '+', '-', 'COUNT', '1']);
  expect(awaitEntry('s', '1-0', 5)).toEqual(['XREAD', 'COUNT', '1', 'BLOCK', '5', 'STREAMS', 's', '1-0']);
});

test('what we add comes back with its stamp, in any order of fields', () => {
  const fields = addEntry('s', 9, Buffer.from([1, 2]), 'writer00', 7)
    .slice(6)
    .map((one) => Buffer.from(one));
  const turned = [...fields.slice(2), ...fields.slice(0, 2)];
  const [entry] = entriesIn([[Buffer.from('5-1'), turned]]);
  expect(entry?.id).toBe('5-1');
  expect(open(entry?.bytes ?? Buffer.alloc(0))).toEqual({
    message: Buffer.from([1, 2]),
    stamp: { writer: 'writer00', number: 7 },
  });
});

test('what others add needs no stamp; what has no message has its place all the same', () => {
  const entries = entriesIn([
    [Buffer.from('1-0'), [...field('m', 'plain')]],
    [Buffer.from('2-0'), [...field('other', 'x')]],
    [Buffer.from('3-0'), [...field('m', 'odd'), ...field('w', 'short'), ...field('n', 'x')]],
    [Buffer.from('4-0'), null],
    'nonsense',
  ]);
  expect(entries.map(({ id, bytes }) => [id, bytes && open(bytes)])).toEqual([
    ['1-0', { message: 'plain', stamp: null }],
    ['2-0', null],
    ['3-0', { message: 'odd', stamp: null }],
    ['4-0', null],
  ]);
  expect(entriesIn(null)).toEqual([]);
});

test.each(['-1', '281474976710656', '1.5', 'x'])('a number that has no room in a stamp (%s) is none', (number) => {
  const [entry] = entriesIn([
    [Buffer.from('1-0'), [...field('m', 'odd'), ...field('w', 'writer00'), ...field('n', number)]],
  ]);
  expect(open(entry?.bytes ?? Buffer.alloc(0))).toEqual({ message: 'odd', stamp: null });
});
