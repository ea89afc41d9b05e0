import { UsageError } from '../../../src/errors.js';
import { parseSubprotocolChooser, parseSubprotocols } from '../../../src/handshake/subprotocol.js';
import { headOf } from '../../support/upgrade-request.js';

const request = headOf();

describe('parseSubprotocols', () => {
  test('no field is no offer; several fields are one list', () => {
    expect(parseSubprotocols([])).toEqual([]);
    expect(parseSubprotocols(['chat, superchat', 'mqtt'])).toEqual(['chat', 'superchat', 'mqtt']);
  });

  test.each([[['']], [[',']], [['a', '']], [['a b']], [['a, a']], [['a', 'a']], [['é']], [['"a"']], [['a/b']]])(
    '%j is malformed',
    (values) => {
      expect(parseSubprotocols(values)).toBeNull();
    },
  );

  test('names differ by case, and names of Object.prototype are names', () => {
    expect(parseSubprotocols(['a, A, __proto__, constructor'])).toEqual(['a', 'A', '__proto__', 'constructor']);
  });
});

describe('a list', () => {
  test('our first name that was offered is chosen, whatever the order of the client', () => {
    const choose = parseSubprotocolChooser(['mqtt', 'chat']);
    expect(choose(['chat', 'mqtt'], request)).toBe('mqtt');
    expect(choose(['chat', 'x'], request)).toBe('chat');
  });

  test('nothing in common, or nothing offered, is no subprotocol', () => {
    const choose = parseSubprotocolChooser(['chat']);
    for (const offered of [[], ['Chat'], ['x', 'constructor', '__proto__']])
      expect(choose(offered, request)).toBeNull();
    expect(parseSubprotocolChooser()(['chat'], request)).toBeNull();
    expect(parseSubprotocolChooser([])(['chat'], request)).toBeNull();
  });

  test.each([[['a b']], [['']], [['a', 'a']], [['a\r\nX: y']], [['a\0']], [[1]], ['chat'], [null], [{}]])(
    '%j is a mistake',
    (option) => {
      expect(() => parseSubprotocolChooser(option as string[])).toThrow(UsageError);
    },
  );

  test('changing the list afterwards changes nothing', () => {
    const mine = ['chat'];
    const choose = parseSubprotocolChooser(mine);
    mine[0] = 'other';
    expect(choose(['chat'], request)).toBe('chat');
  });
});

describe('a function', () => {
  test('gets the offer and the request, and chooses', () => {
    const choose = jest.fn((offered: readonly string[]) => offered[1]);
    expect(parseSubprotocolChooser(choose)(['a', 'b'], request)).toBe('b');
    expect(choose).toHaveBeenCalledWith(['a', 'b'], request);
  });

  test.each([null, undefined])('%p is no subprotocol', (answer) => {
    expect(parseSubprotocolChooser(() => answer)(['a'], request)).toBeNull();
  });

  test('is not asked when nothing was offered', () => {
    const choose = jest.fn(() => 'a');
    expect(parseSubprotocolChooser(choose)([], request)).toBeNull();
    expect(choose).not.toHaveBeenCalled();
  });

  test.each(['b', '', 'A', 1, {}, Promise.resolve('a')])(
    'the answer %p, which was not offered, is a mistake',
    (answer) => {
      expect(() => parseSubprotocolChooser((() => answer) as never)(['a'], request)).toThrow(UsageError);
    },
  );
});
