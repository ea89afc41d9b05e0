import { once } from 'node:events';
import { type Duplex, duplexPair, PassThrough, pipeline } from 'node:stream';
import { pipeline as pipelined } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { UpgradeStage } from '../../../../src/handshake/stream/upgrade-stage.js';
import { received } from '../../../support/received.js';
import { socketPair } from '../../../support/socket-pair.js';

class Stage extends UpgradeStage {
  start(head = ''): void {
    this.open(Buffer.from(head));
  }
}

const KINDS = {
  async tcp() {
    const { near, far } = await socketPair();
    return { near, far };
  },
  async memory() {
    const [near, far] = duplexPair();
    return { near, far };
  },
} satisfies Record<string, () => Promise<{ near: Duplex; far: Duplex }>>;

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('over %s', (kind) => {
  let near: Duplex;
  let far: Duplex;
  let stage: Stage;

  beforeEach(async () => {
    ({ near, far } = await KINDS[kind]());
    stage = new Stage(near, 'server');
  });

  afterEach(() => {
    for (const stream of [stage.on('error', () => {}), far.on('error', () => {})]) stream.destroy();
  });

  test('bytes of the head come first, then what the socket yields', async () => {
    stage.start('head,');
    far.end('tail');
    stage.end();
    expect(await received(stage)).toBe('head,tail');
  });

  test('writes wait for the handshake, then leave in order', async () => {
    stage.write('one,');
    stage.write('two,');
    stage.end('three');
    await turn();
    expect(far.read()).toBeNull();
    stage.start();
    expect(await received(far)).toBe('one,two,three');
  });

  test('an end before the handshake waits for it as well', async () => {
    stage.end();
    await turn();
    expect(near.writableEnded).toBe(false);
    stage.start();
    expect(await received(far)).toBe('');
  });

  test('nothing is read from the socket before the handshake is done', async () => {
    stage.resume();
    far.write('early');
    await turn();
    expect(near.listenerCount('data')).toBe(0);
    stage.start();
    expect(String((await once(stage, 'data'))[0])).toBe('early');
  });

  test('each side may end long before the other one', async () => {
    stage.start();
    far.end('asked');
    expect(await received(stage)).toBe('asked');
    stage.write('answered, ');
    await turn();
    stage.end('late');
    expect(await received(far)).toBe('answered, late');
  });

  test('the writing side may end first', async () => {
    stage.start();
    stage.end('question');
    expect(await received(far)).toBe('question');
    far.end('answer');
    expect(await received(stage)).toBe('answer');
  });

  test('destroying the stage destroys the socket, and a parked write fails once', async () => {
    const outcome = new Promise<Error | null | undefined>((resolve) => stage.write('never', resolve));
    stage.destroy(new Error('refused'));
    await expect(outcome).resolves.toMatchObject({ message: 'refused' });
    await expect(once(stage, 'close')).rejects.toThrow('refused');
    expect(near.destroyed).toBe(true);
  });

  test('destroyed without a reason, a parked write still fails', async () => {
    const outcome = new Promise<Error | null | undefined>((resolve) => stage.write('never', resolve));
    stage.destroy();
    await expect(outcome).resolves.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test('a socket that closes without an end is an error, never a clean end', async () => {
    stage.start('partial');
    const read = received(stage);
    near.destroy();
    await expect(read).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF', name: 'ConnectionError' });
  });

  test('a socket that closes before we have ended is an error too', async () => {
    stage.start();
    stage.resume();
    far.end();
    await once(stage, 'end');
    near.destroy();
    await expect(once(stage, 'close')).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test("the socket's own error is the cause", async () => {
    stage.start();
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    near.destroy(cause);
    await expect(once(stage, 'close')).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF', cause });
  });

  test('a socket that has died before the handshake is done is an error', async () => {
    near.destroy();
    await once(near, 'close');
    stage.start();
    await expect(once(stage, 'close')).rejects.toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });

  test('a socket whose reading side has ended before the handshake is done can still be written to', async () => {
    near.allowHalfOpen = true;
    near.resume();
    far.end();
    await once(near, 'end');
    stage.start('head');
    const chunk = Buffer.alloc(65_536, 'x');
    for (let count = 0; count < 64; count++) stage.write(chunk);
    stage.end();
    expect(await received(stage)).toBe('head');
    expect(await received(far)).toHaveLength(64 * chunk.length);
  });

  test('opening a destroyed stage does nothing', () => {
    stage.destroy();
    stage.start('head');
    expect(stage.read()).toBeNull();
  });

  test('a reader that stops, stops the socket', async () => {
    stage.start();
    const chunk = Buffer.alloc(65_536);
    stage.once('readable', () => {});
    let sent = 0;
    while (far.write(chunk)) sent += chunk.length;
    await turn();
    for (let round = 0; round < 200 && near.isPaused() === false; round++) await turn();
    expect(near.isPaused()).toBe(true);
    expect(stage.readableLength).toBeLessThanOrEqual(stage.readableHighWaterMark + chunk.length);
    far.end();
    stage.end();
    expect((await received(stage)).length).toBe(sent + chunk.length);
  });

  test('a peer that stops reading, stops the writer; all bytes arrive once it goes on', async () => {
    stage.start();
    const chunk = Buffer.alloc(65_536, 7);
    let written = 0;
    do {
      written += chunk.length;
    } while (stage.write(chunk) || (await drained(stage)));
    expect(stage.writableNeedDrain).toBe(true);
    stage.end();
    expect((await received(far)).length).toBe(written);
  });

  test('first and last of one pipeline', async () => {
    stage.start('a');
    const echoed = received(far);
    const done = new Promise<Error | null | undefined>((resolve) => {
      pipeline(stage, new PassThrough(), new PassThrough(), stage, resolve);
    });
    far.end('b');
    expect(await echoed).toBe('ab');
    expect(await done).toBeFalsy();
  });

  test('a pipeline that fails in the middle takes the socket with it', async () => {
    stage.start();
    const app = new PassThrough();
    const done = pipelined(stage, app, stage);
    app.destroy(new Error('app'));
    await expect(done).rejects.toThrow('app');
    expect(Buffer.from(await received(far), 'latin1').toString('hex')).toContain('880203f3');
    far.end();
    if (!near.destroyed) await once(near, 'close');
    expect(near.destroyed).toBe(true);
  });
});

/** True once the stage has drained, false when it has not within some turns of the event loop. */
async function drained(stage: Stage): Promise<boolean> {
  for (let round = 0; round < 50 && stage.writableNeedDrain; round++) await turn();
  return !stage.writableNeedDrain;
}
