import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { fuzzServer } from '../../../../src/arbitraries/stream/fuzz-server.js';
import { FrameAssembler } from '../../../../src/codec/frame-assembler.js';
import { FrameParser } from '../../../../src/codec/frame-parser.js';
import { WebSocketError } from '../../../../src/errors.js';
import { ServerUpgrade } from '../../../../src/handshake/stream/server-upgrade.js';
import { close, pong, wireOf } from '../../../support/frames.js';
import { afterTest, serving } from '../../../support/web-sockets.js';

const LIMITS = { maxFrameBytes: 500, maxMessageBytes: 1_000 } as const;

/** A server that parses frames as ours does, except that `overlook` hides some errors: the connection ends as if fine. */
async function flawed(overlook: (code: string) => boolean, answersPings = true): Promise<string> {
  const server = createHttpServer().on('upgrade', (request, socket, head) => {
    const bytes = ServerUpgrade.fromRequest(request, socket, head);
    const parser = new FrameParser({ role: 'server', maxFrameBytes: Infinity, rsv1: false });
    const assembler = new FrameAssembler(false);
    bytes.on('error', () => {});
    bytes.on('data', (chunk: Buffer) => {
      if (bytes.writableEnded) return;
      try {
        parser.push(chunk);
        for (let part = parser.next(); part !== null; part = parser.next()) {
          const frame = assembler.add(part);
          if (frame?.opcode === 9 && answersPings) bytes.write(wireOf(pong(frame.payload)));
          if (frame?.opcode === 8) bytes.end(wireOf(close(1000)));
        }
      } catch (error) {
        if (!(error instanceof WebSocketError)) throw error;
        bytes.end(wireOf(close(overlook(error.code) ? 1000 : (error.closeCode ?? 1011))));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  afterTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('our own server passes, echoing and with limits', async () => {
  const { url } = await serving(LIMITS, (ws) => pipeline(ws, ws, () => {}));
  const report = await fuzzServer(url, { ...LIMITS, runs: 150 });
  expect(String(report)).toBe(`150 runs, seed ${report.seed}: no fault`);
});

test('a server that overlooks one violation is found out with the smallest wire, and again from seed and path', async () => {
  const url = await flawed((code) => code === 'ERR_WS_RESERVED_BIT');
  const options = { violations: ['RESERVED_BIT', 'RESERVED_OPCODE'] } as const;
  const { failure, seed } = await fuzzServer(url, { ...options, runs: 100 });
  expect(failure).toMatchObject({ case: 'RESERVED_BIT', expected: 'close 1002', got: 'close 1000', chunking: 'whole' });
  expect(failure?.wire).toMatch(/^RESERVED_BIT: no frames, then \w+ \+rsv\d "Hi" = [0-9a-f]{16}$/);
  const again = await fuzzServer(url, { ...options, seed, path: failure?.path });
  expect(again).toMatchObject({ runs: 1, failure: { bytes: failure?.bytes, got: failure?.got } });
  expect(String(again)).toContain(`{ seed: ${seed}, path: '${again.failure?.path}' }`);
});

test('a code that is tolerated is no fault', async () => {
  const url = await flawed((code) => code === 'ERR_WS_RESERVED_BIT');
  const tolerate = { RESERVED_BIT: [1000] };
  expect(await fuzzServer(url, { violations: ['RESERVED_BIT'], tolerate, runs: 40 })).toMatchObject({ failure: null });
});

test('a ping that is not answered is a fault of legal traffic', async () => {
  const { url } = await serving({}, (ws) => void ws.resume());
  expect(await fuzzServer(url, { runs: 20 })).toMatchObject({ failure: null });
  const silent = await flawed(() => false, false);
  const { failure } = await fuzzServer(silent, { violations: ['RESERVED_BIT'], runs: 100 });
  expect(failure).toMatchObject({ case: 'LEGAL', got: 'no pong for the ping ' });
});

test('nothing at the address rejects, and bad options too', async () => {
  await expect(fuzzServer('ws://127.0.0.1:1')).rejects.toMatchObject({ code: 'ERR_WS_UNREACHABLE' });
  await expect(fuzzServer('ws://127.0.0.1:1', { runs: 0 })).rejects.toMatchObject({ code: 'ERR_WS_USAGE' });
});
