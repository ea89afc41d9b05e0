/** A pipeline of stages that fails tells the peer why, although its encoder is destroyed with it (RFC 6455 §7.1.7). */
import { duplexPair, PassThrough, pipeline, Transform } from 'node:stream';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import { ServerUpgrade } from '../../src/handshake/stream/server-upgrade.js';
import { received } from '../support/received.js';
import { ACCEPTED } from '../support/server-upgrade.js';
import { wireOf } from '../support/upgrade-request.js';

/** What the peer gets behind the 101, and the error that the pipeline ended with. */
async function answerTo(frames: string, app: Transform = new PassThrough({ objectMode: true })) {
  const [near, far] = duplexPair();
  const upgraded = new ServerUpgrade(near);
  const failed = new Promise<unknown>((resolve) => {
    pipeline(
      upgraded,
      new FrameDecoder({ role: 'server' }),
      app,
      new FrameEncoder({ role: 'server' }),
      upgraded,
      resolve,
    );
  });
  far.write(Buffer.concat([Buffer.from(wireOf(), 'latin1'), Buffer.from(frames, 'hex')]));
  const answer = await received(far);
  far.end();
  return { error: await failed, wire: Buffer.from(answer.slice(ACCEPTED.length), 'latin1') };
}

test('a violation closes with its code and its sentence', async () => {
  const { error, wire } = await answerTo('83');
  expect(error).toMatchObject({ code: 'ERR_WS_RESERVED_OPCODE' });
  expect(wire[0]).toBe(0x88);
  expect(wire.readUInt16BE(2)).toBe(1002);
  expect(wire.subarray(4).toString()).toMatch(/^Frame uses a reserved opcode/);
});

test('an app that fails closes with 1011 and says nothing more', async () => {
  const app = new Transform({ objectMode: true, transform: (_frame, _encoding, done) => done(new Error('secret')) });
  const { error, wire } = await answerTo('818537fa213d7f9f4d5158', app);
  expect(error).toMatchObject({ message: 'secret' });
  expect(wire.toString('hex')).toBe('880203f3');
});
