/** The composable stages in one pipeline, with the answers to pings and closes going straight to the encoder. */
import type { Duplex } from 'node:stream';
import { ControlResponder } from '../../src/codec/stream/control-responder.js';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import { MessageDecoder } from '../../src/codec/stream/message-decoder.js';
import { MessageEncoder } from '../../src/codec/stream/message-encoder.js';
import { close, continuation, labelOf, ping, readWire, text, wireOf } from '../support/frames.js';
import { LIBRARIES, pipelineEnd, turns } from '../support/streams.js';
import { hex } from '../support/wire.js';

const KEY = { key: hex`37fa213d` };
const labels = (wire: Buffer) => readWire(wire).map(({ frame }) => labelOf(frame));

describe.each(LIBRARIES)('echoing, with $library', (library) => {
  /** bytes → frames → messages → messages → frames → bytes. */
  function echo(bytes: readonly Buffer[]) {
    const encoder = new FrameEncoder({ role: 'server' });
    const stages: readonly Duplex[] = [
      new FrameDecoder({ role: 'server' }),
      new ControlResponder({ encoder }),
      new MessageDecoder(),
      new MessageEncoder(),
      encoder,
    ];
    const chunks: Buffer[] = [];
    const sink = new library.Writable({ write: (chunk, _, done) => done(chunks.push(chunk) > 0 ? null : undefined) });
    const source = new library.PassThrough();
    for (const chunk of bytes) source.write(chunk);
    return { stages, chunks, source, ...pipelineEnd(library, source, ...stages, sink) };
  }

  test('messages come back, pings are answered, the close is the last frame', async () => {
    const frames = [text('Hel', false), ping('x'), continuation('lo'), close(1000)];
    const { chunks, source, ended, calls } = echo(frames.map((frame) => wireOf(frame, KEY)));
    source.end();
    expect(await ended).toBeNull();
    const sent = labels(Buffer.concat(chunks));
    expect([sent.at(-1), [...sent].sort(), calls()]).toEqual(['8 03e8', ['1 48656c6c6f', '10 78', '8 03e8'], 1]);
  });

  test.each([0, 1, 2, 3, 4])(
    'when stage %d fails, all are destroyed, and the end comes once with that error',
    async (index) => {
      const { stages, source, ended, calls } = echo([wireOf(text('Hello'), KEY)]);
      await turns(2);
      const error = new Error(`stage ${index}`);
      stages[index]?.destroy(error);
      expect(await ended).toBe(error);
      await turns(3);
      expect([...stages, source].map(({ destroyed }) => destroyed)).toEqual([true, true, true, true, true, true]);
      expect(calls()).toBe(1);
    },
  );

  test('a violation in the wire is the error, and a lost wire is ERR_WS_CUT_OFF', async () => {
    expect(await echo([hex`83`]).ended).toMatchObject({ code: 'ERR_WS_RESERVED_OPCODE' });
    const { source, ended } = echo([wireOf(text('Hello'), KEY)]);
    source.end();
    expect(await ended).toMatchObject({ code: 'ERR_WS_CUT_OFF' });
  });
});
