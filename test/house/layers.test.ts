/** Who may import what, shown to fail on bad examples first. */
import { cyclesIn, importsOf } from './support/imports.js';
import { effectFaults, isShell, layerFaults } from './support/layers.js';
import { source, sourcesIn } from './support/source.js';

const sources = sourcesIn('src');
const pure = (text: string) => effectFaults([source('src/codec/bad.ts', text)]);

describe('only a folder called stream/ touches streams, sockets, HTTP, zlib and timers', () => {
  test.each([
    "import { Duplex } from 'node:stream';",
    "import { pipeline } from 'stream/promises';",
    "import type { Socket } from 'node:net';",
    "import { Transform } from 'readable-stream';",
    "import { Transform } from '../streams.js';",
    "import { FrameDecoder } from './stream/frame-decoder.js';",
    "export * from 'node:http2';",
    "const zlib = await import('node:zlib');",
    "let x: import('node:tls').TLSSocket;",
    "import timers = require('node:timers');",
    'setTimeout(() => {}, 1);',
    'globalThis.setImmediate(run);',
    'process.nextTick(run);',
    'const later = queueMicrotask;',
  ])('%s', (text) => {
    expect(pure(text)).toHaveLength(1);
  });

  test('what is allowed passes: pure modules, a method that happens to be called setTimeout, a shell', () => {
    expect(pure("import { createHash } from 'node:crypto'; import { a } from './a.js'; socket.setTimeout(1);")).toEqual(
      [],
    );
    expect(effectFaults([source('src/codec/stream/ok.ts', "import 'node:stream'; setTimeout(run);")])).toEqual([]);
  });

  test('a shell is a folder called stream/ or a file listed by name', () => {
    expect(['src/a/stream/b.ts', 'src/server.ts', 'src/duplex/x.ts'].map(isShell)).toEqual([true, true, true]);
    expect(['src/a/stream.ts', 'src/codec/mask.ts', 'src/index.ts'].map(isShell)).toEqual([false, false, false]);
  });

  test('the sources keep to it', () => {
    expect(effectFaults(sources)).toEqual([]);
  });
});

describe('layers import downwards', () => {
  test.each([
    ['src/codec/bad.ts', "import { judgeRequest } from '../handshake/judge-request.js';"],
    ['src/codec/bad.ts', "import type { WebSocketServer } from '../server.js';"],
    ['src/handshake/bad.ts', "import { WebSocketDuplex } from '../duplex/websocket-duplex.js';"],
    ['src/client.ts', "import { FrameDecoder } from './index.js';"],
    ['src/server.ts', "import { page } from './demo/page.js';"],
    ['src/misc/new.ts', ''],
    ['src/codec/bad.ts', "import fc from 'fast-check';"],
  ])('%s: %s', (path, text) => {
    expect(layerFaults([source(path, text)])).toHaveLength(1);
  });

  test('the sources keep to it', () => {
    expect(layerFaults(sources)).toEqual([]);
  });
});

describe('imports do not run in circles', () => {
  const a = source('src/a.ts', "import { b } from './b.js'; import { own } from './a.js';");

  test('a loop is found and spelled out, a loop through itself too', () => {
    const b = source('src/b.ts', "export { a } from './a.js';");
    expect(cyclesIn([a, b])).toEqual(['src/a.ts → src/b.ts → src/a.ts', 'src/a.ts → src/a.ts']);
  });

  test('a type that is imported back is not a loop: nothing of it is left at run time', () => {
    const b = source('src/b.ts', "import type { A } from './a.js'; import { type B } from './a.js';");
    expect(cyclesIn([source('src/a.ts', "import { b } from './b.js';"), b])).toEqual([]);
  });

  test('an import with a value among its types is not erased', () => {
    const [mixed, empty] = importsOf(
      source('src/a.ts', "import { type A, b } from './b.js'; import {} from './c.js';"),
    );
    expect([mixed?.erased, empty?.erased]).toEqual([false, false]);
  });

  test('the sources have none', () => {
    expect(cyclesIn(sources)).toEqual([]);
  });
});
