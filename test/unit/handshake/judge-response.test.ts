import * as fc from 'fast-check';
import type { Extension } from '../../../src/handshake/extensions.js';
import { judgeConnectResponse, judgeResponse, type Offer } from '../../../src/handshake/judge-response.js';

// RFC 6455 §1.3: the key and the accept of the RFC's own example.
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const UPGRADE = ['Upgrade', 'websocket'] as const;
const CONNECTION = ['Connection', 'Upgrade'] as const;
const PROOF = ['Sec-WebSocket-Accept', ACCEPT] as const;
const REQUIRED = [UPGRADE, CONNECTION, PROOF];

type Field = readonly [name: string, value: string];

const deflate: Extension = { name: 'permessage-deflate', parameters: [] };
const bare: Offer = { key: KEY, subprotocols: [], extensions: [] };
const rich: Offer = { key: KEY, subprotocols: ['chat', 'superchat'], extensions: [deflate] };

function judge(fields: readonly Field[], offer: Offer = bare, status = 101, httpVersion = '1.1') {
  return judgeResponse(offer, { status, httpVersion, rawHeaders: fields.flat() });
}

const granted = { accepted: true, subprotocol: null, extensions: [] };
const because = (why: string) => ({ accepted: false, why: expect.stringContaining(why) });

test('the answer of RFC 6455 §1.3 is accepted', () => {
  expect(judge(REQUIRED)).toEqual(granted);
  expect(judge(REQUIRED, rich)).toEqual(granted);
});

describe('the status line', () => {
  test.each([100, 200, 204, 301, 401, 426, 500])('status %i is not an upgrade', (status) => {
    expect(judge(REQUIRED, bare, status)).toEqual(because(`status ${status}`));
  });

  test.each(['1.0', '0.9', '2.0', ''])('HTTP/%s is refused', (httpVersion) => {
    expect(judge(REQUIRED, bare, 101, httpVersion)).toEqual(because('is not HTTP/1.1'));
  });
});

describe('each required field', () => {
  test.each(REQUIRED)('%s absent is refused', (name) => {
    expect(judge(REQUIRED.filter((field) => field[0] !== name))).toEqual(because(`${name} is missing`));
  });

  test.each([UPGRADE, PROOF])('%s twice is refused, even when both say the same', (name, value) => {
    expect(judge([...REQUIRED, [name.toLowerCase(), value]])).toEqual(because(`${name} occurs 2 times`));
  });

  test('names ignore case', () => {
    expect(judge(REQUIRED.map(([name, value]) => [name.toUpperCase(), value]))).toEqual(granted);
  });
});

describe('Upgrade', () => {
  const upgrade = (value: string) => judge([['Upgrade', value], CONNECTION, PROOF]);

  test.each(['websocket', 'WebSocket', 'WEBSOCKET'])('%s is accepted', (value) => {
    expect(upgrade(value)).toEqual(granted);
  });

  test.each(['', 'h2c', 'websocket, h2c', 'websocket/13', 'web socket', 'websocke\u0131'])('%j is refused', (value) => {
    expect(upgrade(value)).toEqual(because('Upgrade is '));
  });
});

describe('Connection', () => {
  const connection = (...values: string[]) =>
    judge([UPGRADE, PROOF, ...values.map((value): Field => ['Connection', value])]);

  test.each([['upgrade'], ['keep-alive, Upgrade'], [',UPGRADE ,, keep-alive'], ['keep-alive', 'Upgrade']])(
    '%j is accepted',
    (...values) => {
      expect(connection(...values)).toEqual(granted);
    },
  );

  test.each(['', 'close', 'upgraded', 'upgrade close', '"upgrade"', 'upgrade;q=1', 'upgrade, \u00e9'])(
    '%j is refused',
    (value) => {
      expect(connection(value)).toEqual(because('Connection '));
    },
  );
});

describe('Sec-WebSocket-Accept', () => {
  test.each(['', KEY, ACCEPT.toLowerCase(), `${ACCEPT}, ${ACCEPT}`, `"${ACCEPT}"`, `${ACCEPT}=`, ACCEPT.slice(0, -1)])(
    '%j is refused',
    (value) => {
      expect(judge([UPGRADE, CONNECTION, ['Sec-WebSocket-Accept', value]])).toEqual(because('Sec-WebSocket-Accept is'));
    },
  );
});

describe('Sec-WebSocket-Protocol', () => {
  const protocol = (offer: Offer, ...values: string[]) =>
    judge([...REQUIRED, ...values.map((value): Field => ['Sec-WebSocket-Protocol', value])], offer);

  test('one that was offered is granted', () => {
    expect(protocol(rich, 'superchat')).toEqual({ ...granted, subprotocol: 'superchat' });
  });

  test.each(['', 'Chat', 'chat, superchat', 'chat\u00e9', '\u0080', 'constructor', '__proto__', 'hasOwnProperty', '0'])(
    '%j was not offered',
    (value) => {
      expect(protocol(rich, value)).toEqual(because('was not offered'));
      expect(protocol(bare, value)).toEqual(because('was not offered'));
    },
  );

  test('twice is refused, even when both say the same', () => {
    expect(protocol(rich, 'chat', 'chat')).toEqual(because('occurs 2 times'));
  });

  test('a prototype name that was offered is a name like any other', () => {
    expect(protocol({ ...bare, subprotocols: ['__proto__'] }, '__proto__')).toMatchObject({ subprotocol: '__proto__' });
  });
});

describe('Sec-WebSocket-Extensions', () => {
  const extensions = (offer: Offer, ...values: string[]) =>
    judge([...REQUIRED, ...values.map((value): Field => ['Sec-WebSocket-Extensions', value])], offer);

  test('one that was offered is granted, with its parameters', () => {
    const parameters = [{ name: 'server_max_window_bits', value: '10' }];
    expect(extensions(rich, 'permessage-deflate; server_max_window_bits=10')).toEqual({
      ...granted,
      extensions: [{ name: 'permessage-deflate', parameters }],
    });
  });

  test.each(['x-webkit', 'Permessage-Deflate', 'constructor', '__proto__', 'hasOwnProperty'])(
    '%s was not offered',
    (value) => {
      expect(extensions(rich, value)).toEqual(because('was not offered'));
      expect(extensions(rich, `permessage-deflate, ${value}`)).toEqual(because('was not offered'));
    },
  );

  test.each(['', ',', ';', 'permessage-deflate;', 'permessage-deflate; a="', 'permessage-deflate \u00ff', 'a b'])(
    '%j is malformed',
    (value) => {
      expect(extensions(rich, value)).toEqual(because('malformed'));
    },
  );

  test('twice is refused: as a field (RFC 6455 §11.3.2) and in the list', () => {
    expect(extensions(rich, 'permessage-deflate', 'permessage-deflate')).toEqual(because('occurs 2 times'));
    expect(extensions(rich, 'permessage-deflate, permessage-deflate')).toEqual(because('accepted twice'));
  });

  test("the extension's own judge has the last word, and is asked only about names that were offered", () => {
    const asked: (readonly Extension[])[] = [];
    const acceptExtensions = (list: readonly Extension[]) => {
      asked.push(list);
      return list[0]?.parameters.length === 0 ? null : 'permessage-deflate has a bad parameter';
    };
    const offer = { ...rich, acceptExtensions };
    expect(extensions(offer, 'permessage-deflate')).toMatchObject({ accepted: true });
    expect(extensions(offer, 'permessage-deflate; x')).toEqual(because('a bad parameter'));
    expect(extensions(offer, 'other')).toEqual(because('was not offered'));
    expect(asked).toHaveLength(2);
  });
});

test('whatever the fields say, there is a verdict and its reason is printable and brief', () => {
  const name = fc.constantFrom(...REQUIRED.map((field) => field[0]), 'Sec-WebSocket-Protocol', '__proto__');
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('websocket', 'Upgrade', ACCEPT, 'chat'));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (fields) => {
      const verdict = judge(fields, rich);
      if (!verdict.accepted) expect(verdict.why).toMatch(/^[\x20-\x7e·…]{1,160}$/);
    }),
  );
});

test('RFC 8441 §5: over HTTP/2 any 2xx opens the WebSocket, and the rest is judged as over HTTP/1.1', () => {
  const offer = { key: '', subprotocols: ['a'], extensions: [] };
  const judged = (status: number, ...rawHeaders: string[]) =>
    judgeConnectResponse(offer, { status, httpVersion: '2.0', rawHeaders });
  expect(judged(200, 'sec-websocket-protocol', 'a')).toEqual({ accepted: true, subprotocol: 'a', extensions: [] });
  expect(judged(299)).toMatchObject({ accepted: true });
  expect(judged(200, 'sec-websocket-protocol', 'b')).toMatchObject({ accepted: false });
  for (const status of [101, 199, 300, 403])
    expect(judged(status)).toEqual({ accepted: false, why: `status ${status} is not 2xx` });
});
