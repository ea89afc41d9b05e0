/** How a ServerUpgrade ends, alone and in a pipeline. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair, PassThrough, pipeline, Transform } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import { ConnectionError } from '../../src/errors.js';
import type { ServerUpgradeOptions } from '../../src/handshake/stream/server-upgrade.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { received } from '../support/received.js';
import { ACCEPTED, failure, HELLO, HELLO_BACK, upgraded } from '../support/server-upgrade.js';
import { socketPair } from '../support/socket-pair.js';
import { wireOf } from '../support/upgrade-request.js';

let near: Duplex;
let far: Duplex;
const open: Duplex[] = [];

beforeEach(() => {
  [near, far] = duplexPair();
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy();
});

function stageOn(socket: Duplex, options?: ServerUpgradeOptions): ServerUpgrade {
  const stage = new ServerUpgrade(socket, options);
  open.push(stage);
  return stage;
}

describe('a connection that goes', () => {
  test.each([
    ['ends', () => far.end('GET / HT')],
    ['closes', () => near.destroy()],
    ['fails', () => near.destroy(new Error('reset'))],
  ])('%s in the middle of the head: cut off', async (_, go) => {
    const stage = stageOn(near);
    far.write(wireOf().slice(0, 30));
    await turn();
    go();
    const error = await failure(stage);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(error.cause ?? null).toBe(near.errored);
    expect(near.destroyed).toBe(true);
  });

  test('a peer that resets in the middle of the head, over TCP', async () => {
    const pair = await socketPair();
    const stage = stageOn(pair.near);
    pair.far.write('GET / HT', () => (pair.far as Socket).resetAndDestroy());
    expect(await failure(stage)).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test('after the upgrade a close without an end is an error, not an end', async () => {
    const stage = stageOn(near);
    far.write(wireOf(), 'latin1');
    await upgraded(stage);
    const ended = jest.fn();
    stage.on('end', ended).resume();
    near.destroy();
    expect(await failure(stage)).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
    expect(ended).not.toHaveBeenCalled();
  });

  test('was gone before the stage came', async () => {
    near.destroy();
    expect(await failure(stageOn(near))).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });
});

describe('destroying the stage destroys the socket', () => {
  test.each([
    ['before anything', async () => {}],
    ['in the middle of the head', async () => void far.write(wireOf().slice(0, 30), 'latin1')],
    [
      'after the upgrade',
      async (stage: ServerUpgrade) => {
        far.write(wireOf(), 'latin1');
        await upgraded(stage);
      },
    ],
  ])('%s', async (_, before) => {
    const stage = stageOn(near);
    await before(stage);
    await turn();
    stage.destroy();
    await once(stage, 'close');
    expect(near.destroyed).toBe(true);
    expect(near.errored).toBeNull();
  });
});

describe('the same stage first and last in a pipeline', () => {
  const run = (...between: Duplex[]) => {
    const stage = stageOn(near);
    const calls: (Error | null | undefined)[] = [];
    const done = new Promise<void>((resolve) => {
      const streams = [
        stage,
        new FrameDecoder({ role: 'server' }),
        ...between,
        new FrameEncoder({ role: 'server' }),
        stage,
      ];
      pipeline(streams, (error) => {
        calls.push(error);
        setImmediate(resolve);
      });
    });
    return { stage, done, calls };
  };

  test('both sides end: it is done once, without an error', async () => {
    const { done, calls } = run(new PassThrough({ objectMode: true }));
    far.end(wireOf() + HELLO, 'latin1');
    expect(await received(far)).toBe(ACCEPTED + HELLO_BACK);
    await done;
    expect(calls).toEqual([undefined]);
    if (!near.closed) await once(near, 'close');
  });

  test('the app fails: everything goes, with that error, once', async () => {
    const boom = new Error('boom');
    const { done, calls, stage } = run(new Transform({ objectMode: true, transform: (_f, _e, next) => next(boom) }));
    far.write(wireOf() + HELLO, 'latin1');
    await done;
    expect(calls).toEqual([boom]);
    expect(stage.destroyed).toBe(true);
    far.destroy();
    if (!near.closed) await once(near, 'close');
  });

  test('the peer breaks the protocol: the error is the decoder’s', async () => {
    const { done, calls } = run();
    far.write(`${wireOf()}\x83\x80`, 'latin1');
    await done;
    expect(calls).toMatchObject([{ code: 'ERR_WS_RESERVED_OPCODE' }]);
    far.destroy();
    if (!near.closed) await once(near, 'close');
  });

  test('a refusal: the error is the refusal', async () => {
    const { done, calls } = run();
    far.write(wireOf([['Host', 'a']]), 'latin1');
    await done;
    expect(calls).toMatchObject([{ status: 426 }]);
    expect(await received(far)).toMatch(/^HTTP\/1\.1 426 /);
  });
});
