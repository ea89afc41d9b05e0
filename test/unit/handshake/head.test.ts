import { Fields, fieldValues, headBytes, requestHead } from '../../../src/handshake/head.js';

const RAW = ['Host', 'a.example', 'X-Tag', '1', 'x-tag', '2', 'Value', 'x-tag', 'X-TAG', ''];

describe('fieldValues', () => {
  test('every occurrence, in order, whatever the case of the name', () => {
    expect(fieldValues(RAW, 'x-Tag')).toEqual(['1', '2', '']);
  });

  test('a value that looks like the name is not taken for one', () => {
    expect(fieldValues(RAW, 'value')).toEqual(['x-tag']);
    expect(fieldValues(['a', 'b', 'b', 'c'], 'b')).toEqual(['c']);
  });

  test.each(['absent', '__proto__', 'constructor', 'length'])('%s is absent', (name) => {
    expect(fieldValues(RAW, name)).toEqual([]);
  });
});

describe('Fields', () => {
  const fields = new Fields(RAW);

  test('every occurrence, in order, whatever the case of the name', () => {
    expect(fields.all('x-tag')).toEqual(['1', '2', '']);
    expect(fields.all('value')).toEqual(['x-tag']);
  });

  test('only: a field that came once, its value perhaps empty', () => {
    expect(fields.only('host')).toBe('a.example');
    expect(fields.only('x-tag')).toBeNull();
    expect(new Fields(['X', '']).only('x')).toBe('');
  });

  test.each(['absent', '__proto__', 'constructor', 'length'])('%s is absent', (name) => {
    expect(fields.all(name)).toEqual([]);
    expect(fields.only(name)).toBeNull();
  });
});

test('headBytes counts as HTTP/2 does: names, values, and 32 for each field', () => {
  expect(headBytes([])).toBe(0);
  expect(headBytes(['a', 'bc', 'd', ''])).toBe(3 + 32 + 1 + 32);
});

test('requestHead takes what Node has parsed, and empty strings for what it has not', () => {
  const head = { method: 'GET', target: '/x', httpVersion: '1.1', rawHeaders: RAW };
  expect(requestHead({ method: 'GET', url: '/x', httpVersion: '1.1', rawHeaders: RAW })).toEqual(head);
  expect(requestHead({ httpVersion: '1.1', rawHeaders: RAW })).toEqual({ ...head, method: '', target: '' });
});
