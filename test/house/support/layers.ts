/**
 * The two layers, as data: which files may touch streams, and which layer may import which.
 *
 * Knows: "only a folder called stream/ may touch streams, sockets, HTTP, zlib handles or timers", and the shells that
 * are named one by one because they are nothing but stream code.
 * Does not know: what a file does with what it imports.
 */
import ts from 'typescript';
import { importsOf, targetOf } from './imports.js';
import { type Fault, faultAt, type Source, walk } from './source.js';

/** Files and folders that are shells as a whole. Anything else is pure, unless it is in a folder called `stream/`. */
const SHELLS = [
  'src/streams.ts',
  'src/duplex/',
  'src/admission.ts',
  'src/intake.ts',
  'src/connection-queue.ts',
  'src/server.ts',
  'src/client.ts',
  'src/demo/',
  'src/cli/main.ts',
  'src/cli/run/',
] as const;

/** What a pure file must not import, not even as a type: a signature with a socket in it is not about bytes. */
const EFFECTS = [
  'stream',
  'readable-stream',
  'net',
  'tls',
  'http',
  'https',
  'http2',
  'zlib',
  'timers',
  'dgram',
  'worker_threads',
  'child_process',
  'fs',
] as const;

/**
 * What one folder alone may import: fast-check and selfsigned are optional peers, so nobody else can count on them; commander is for the
 * command line, and who imports the library must not load it.
 */
const RESERVED: Readonly<Record<string, string>> = {
  'fast-check': 'src/arbitraries/',
  commander: 'src/cli/run/',
  selfsigned: 'src/cli/run/',
};

/** A subpath's index only re-exports, shells too. */
const ENTRIES: readonly string[] = ['src/index.ts', 'src/arbitraries/index.ts', 'src/backplane/index.ts'];

/** Globals that schedule work. */
const SCHEDULERS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'nextTick'] as const;

/**
 * What each layer may import besides itself. A new folder or root file needs a row, so that its place is a decision.
 * `index` and `cli` appear in no row: nobody imports them.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  streams: [],
  codec: ['errors', 'streams'],
  deflate: ['errors', 'streams', 'codec'],
  handshake: ['errors', 'streams', 'codec', 'deflate'],
  duplex: ['errors', 'streams', 'codec', 'deflate', 'handshake'],
  broadcast: ['errors', 'streams', 'codec', 'deflate', 'duplex'],
  backplane: ['errors', 'streams', 'codec', 'broadcast', 'duplex'],
  admission: ['errors', 'codec', 'handshake', 'duplex'],
  intake: ['handshake'],
  'connection-queue': ['duplex'],
  server: [
    'errors',
    'streams',
    'codec',
    'deflate',
    'handshake',
    'duplex',
    'broadcast',
    'admission',
    'intake',
    'connection-queue',
  ],
  client: ['errors', 'streams', 'codec', 'deflate', 'handshake', 'duplex'],
  arbitraries: ['errors', 'codec', 'handshake'],
  cli: [
    'errors',
    'streams',
    'codec',
    'deflate',
    'handshake',
    'duplex',
    'broadcast',
    'server',
    'client',
    'arbitraries',
    'demo',
  ],
  demo: ['errors', 'streams', 'codec', 'deflate', 'handshake', 'duplex', 'broadcast', 'server', 'client'],
  index: [
    'errors',
    'codec',
    'deflate',
    'handshake',
    'duplex',
    'broadcast',
    'admission',
    'intake',
    'connection-queue',
    'server',
    'client',
  ],
};

/** True when the file may touch streams, sockets and timers. */
export function isShell(path: string): boolean {
  return path.split('/').slice(0, -1).includes('stream') || SHELLS.some((shell) => path.startsWith(shell));
}

/** `codec` for src/codec/mask.ts, `server` for src/server.ts. */
function layerOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

/** Pure files that import an effect, a shell, or schedule work. */
export function effectFaults(files: readonly Source[]): Fault[] {
  return files.filter((file) => !isShell(file.path)).flatMap((file) => [...importedEffects(file), ...schedulers(file)]);
}

function importedEffects(file: Source): Fault[] {
  return importsOf(file).flatMap(({ specifier, node }) => {
    const target = targetOf(file, specifier);
    if (target !== null && isShell(target) && !ENTRIES.includes(file.path)) {
      return [faultAt(file, node, `is pure and imports the shell ${target}`)];
    }
    const name = specifier.replace(/^node:/, '').split('/')[0];
    const effect = target === null && EFFECTS.some((one) => one === name);
    return effect ? [faultAt(file, node, `is pure and imports ${specifier}`)] : [];
  });
}

function schedulers(file: Source): Fault[] {
  const faults: Fault[] = [];
  walk(file.tree, (node) => {
    if (!ts.isIdentifier(node) || !SCHEDULERS.some((name) => name === node.text)) return;
    const owner =
      ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent.expression : null;
    const ownerIsGlobal = owner === null || /^(globalThis|global|process)$/.test(owner.getText(file.tree));
    if (ownerIsGlobal) faults.push(faultAt(file, node, `is pure and uses ${node.text}`));
  });
  return faults;
}

/** Imports that go against the order of the layers. */
export function layerFaults(files: readonly Source[]): Fault[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    const allowed = MAY_IMPORT[layer];
    if (allowed === undefined) return [`${file.path} is in no layer: give "${layer}" a row in MAY_IMPORT`];
    return importsOf(file).flatMap(({ specifier, node }) => {
      const owner = RESERVED[specifier];
      if (owner !== undefined && !file.path.startsWith(owner)) {
        return [faultAt(file, node, `imports ${specifier}, which only ${owner} may`)];
      }
      const target = targetOf(file, specifier);
      const other = target === null ? layer : layerOf(target);
      const legal = other === layer || allowed.includes(other);
      return legal ? [] : [faultAt(file, node, `belongs to ${layer}, which must not import ${other}`)];
    });
  });
}
