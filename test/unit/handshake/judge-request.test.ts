import { UsageError } from '../../../src/errors.js';
import type { Extension } from '../../../src/handshake/extensions.js';
import { Fields } from '../../../src/handshake/head.js';
import type { JudgeOptions } from '../../../src/handshake/judge-request.js';
import { agree, judgeRequest, parseRules, requestJudge } from '../../../src/handshake/judge-request.js';
import { ACCEPT, headOf, headWith, REQUIRED } from '../../support/upgrade-request.js';

const PLAIN = { accepted: true, accept: ACCEPT, subprotocol: null, extensions: [] };

test('the request of RFC 6455 §1.2 is accepted with the answer of §1.3', () => {
  expect(judgeRequest(headOf())).toEqual(PLAIN);
});

test('what every request must have is checked before anything is negotiated', () => {
  const never = () => {
    throw new Error('asked too early');
  };
  const head = headOf([...REQUIRED, ['Origin', 'http://a'], ['Sec-WebSocket-Protocol', 'a']], { method: 'POST' });
  expect(judgeRequest(head, { origins: never, subprotocols: never, extensions: never })).toMatchObject({ status: 405 });
});

describe('origins', () => {
  test('without Origin it is not a browser, and is not asked about', () => {
    for (const origins of ['same', '*', [], () => false] as const) {
      expect(judgeRequest(headOf(), { origins })).toEqual(PLAIN);
    }
  });

  test.each(['http://evil.example', 'null', '', 'http://server.example.com:81'])('%j: 403 by default', (Origin) => {
    expect(judgeRequest(headWith({ Origin }))).toMatchObject({ accepted: false, status: 403 });
  });

  test('a page of anywhere is foreign to a server that was not named', () => {
    const head = headOf([['Origin', 'http://server.example.com']]);
    expect(agree(head, new Fields(head.rawHeaders), parseRules({}))).toMatchObject({ accepted: false, status: 403 });
  });

  test('the same host is fine by default', () => {
    expect(judgeRequest(headWith({ Origin: 'https://server.example.com' }))).toEqual(PLAIN);
  });

  test('twice: 400, even where anybody may connect', () => {
    const head = headOf([
      ...REQUIRED,
      ['Origin', 'http://server.example.com'],
      ['origin', 'http://server.example.com'],
    ]);
    expect(judgeRequest(head, { origins: '*' })).toMatchObject({ status: 400 });
  });

  test('secure: true makes an http page a foreign one', () => {
    const head = headWith({ Origin: 'http://server.example.com' });
    expect(judgeRequest(head, { secure: true })).toMatchObject({ status: 403 });
    expect(judgeRequest(head, { secure: false })).toEqual(PLAIN);
  });
});

describe('subprotocols', () => {
  test('a common one is chosen, an unknown one never echoed', () => {
    const head = headWith({ 'Sec-WebSocket-Protocol': 'x, chat' });
    expect(judgeRequest(head, { subprotocols: ['chat'] })).toEqual({ ...PLAIN, subprotocol: 'chat' });
    expect(judgeRequest(head, { subprotocols: ['mqtt'] })).toEqual(PLAIN);
    expect(judgeRequest(head)).toEqual(PLAIN);
  });

  test.each(['', 'a b', 'a, a', 'é', '"a"'])('%j: 400', (value) => {
    expect(judgeRequest(headWith({ 'Sec-WebSocket-Protocol': value }))).toMatchObject({ status: 400 });
  });

  test('a choice that was not offered is the caller’s mistake', () => {
    const head = headWith({ 'Sec-WebSocket-Protocol': 'x' });
    expect(() => judgeRequest(head, { subprotocols: () => 'y' })).toThrow(UsageError);
  });
});

describe('extensions', () => {
  const deflate: Extension = { name: 'permessage-deflate', parameters: [] };
  const offering = headOf([
    ...REQUIRED,
    ['Sec-WebSocket-Extensions', 'permessage-deflate; x=1, permessage-deflate'],
    ['sec-websocket-extensions', 'foo'],
  ]);

  test('every offer of every field is put to the function; what it answers is accepted', () => {
    const extensions = jest.fn(() => [deflate]);
    expect(judgeRequest(offering, { extensions })).toEqual({ ...PLAIN, extensions: [deflate] });
    expect(extensions).toHaveBeenCalledWith([
      { name: 'permessage-deflate', parameters: [{ name: 'x', value: '1' }] },
      deflate,
      { name: 'foo', parameters: [] },
    ]);
  });

  test('by default nothing is accepted; nothing is asked when nothing is offered', () => {
    expect(judgeRequest(offering)).toEqual(PLAIN);
    const extensions = jest.fn(() => []);
    judgeRequest(headOf(), { extensions });
    expect(extensions).not.toHaveBeenCalled();
  });

  test.each(['', 'a;', 'a;x="', 'a b', ';'])('%j: 400', (value) => {
    expect(judgeRequest(headWith({ 'Sec-WebSocket-Extensions': value }))).toMatchObject({ status: 400 });
  });

  test.each([
    [[{ name: 'bar', parameters: [] }]],
    [[{ name: 'constructor', parameters: [] }]],
    [null],
    [Promise.resolve()],
  ])('the answer %p is a mistake', (answer) => {
    expect(() => judgeRequest(offering, { extensions: (() => answer) as never })).toThrow(UsageError);
  });
});

describe('requestJudge', () => {
  test('bad options are mistakes at once', () => {
    const bad = [{ origins: 'x' }, { subprotocols: ['a b'] }, { extensions: [] }, { secure: 1 }];
    for (const options of bad) expect(() => requestJudge(options as unknown as JudgeOptions)).toThrow(UsageError);
  });

  test('judges many requests by the options as they were', () => {
    const subprotocols = ['chat'];
    const judge = requestJudge({ subprotocols });
    subprotocols.pop();
    const head = headWith({ 'Sec-WebSocket-Protocol': 'chat' });
    expect(
      [judge(head), judge(headOf()), judge(head)].map((verdict) => verdict.accepted && verdict.subprotocol),
    ).toEqual(['chat', null, 'chat']);
  });
});
