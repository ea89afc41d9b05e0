/**
 * What a user gets from `npm install framepipe`: what is in it, that it loads, that it type-checks.
 *
 * Knows: the tarball. Does not know: the sources; whatever passes here passes without them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_PACKED_BYTES, MAX_UNPACKED_BYTES } from '../house/support/budgets.js';
import { sourcesIn } from '../house/support/source.js';
import { Consumer, nodeVersion, type Packed, pack, ROOT } from './support/consumer.js';
import { PUBLIC_TYPES } from './support/public-types.js';

const tarballs = mkdtempSync(join(tmpdir(), 'framepipe-tarball-'));
const user = new Consumer();
let packed: Packed;
/** What the installation brought along, before the suite adds packages itself. */
let cameAlong: readonly string[];

beforeAll(() => {
  packed = pack(tarballs);
  user.install(packed.tarball);
  cameAlong = ['commander', 'readable-stream', '@types/readable-stream', 'fast-check'].filter((name) =>
    user.hasInstalled(name),
  );
});

afterAll(() => {
  user.remove();
  rmSync(tarballs, { recursive: true });
});

const manifest: { exports: Record<string, unknown> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
const specifiers = subpaths.map((path) => path.replace(/^\./, 'framepipe'));

describe('the tarball', () => {
  test('holds the build of every source, types of what can be imported, the inspector page, and the pages for users', () => {
    const sources = sourcesIn('src').map((file) => file.path.replace(/^src/, 'dist').replace(/\.ts$/, ''));
    const isProgram = (path: string) => /^dist\/(?:cli|demo)\//.test(path);
    const built = sources.flatMap((path) => (isProgram(path) ? [`${path}.js`] : [`${path}.d.ts`, `${path}.js`]));
    const inspector = readdirSync(join(ROOT, 'src/demo/page')).map((name) => `src/demo/page/${name}`);
    const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect([...packed.files].sort()).toEqual([...built, ...inspector, ...pages].sort());
  });

  test('is within its budget', () => {
    expect(packed.packedBytes).toBeLessThanOrEqual(MAX_PACKED_BYTES);
    expect(packed.unpackedBytes).toBeLessThanOrEqual(MAX_UNPACKED_BYTES);
  });

  test('passes publint without a suggestion', () => {
    const installed = join(user.folder, 'node_modules/framepipe');
    const lint = user.tool('node_modules/publint/src/cli.js', 'run', installed, '--strict', '--pack', 'false');
    expect(lint).toEqual({ status: 0, says: expect.stringContaining('All good!') });
  });

  test('passes arethetypeswrong', () => {
    expect(user.tool('test/package/support/attw.mjs', packed.tarball)).toEqual({ status: 0, says: '[]\n' });
  });
});

describe('the command', () => {
  test('is there after the installation, and says what it can', () => {
    const { status, says } = user.command('framepipe', '--help');
    expect([status, says]).toEqual([0, expect.stringContaining('Usage: framepipe')]);
  });
});

describe('an optional peer', () => {
  test('the arbitraries say that they need fast-check, and nothing else does', () => {
    user.write('whole.mjs', "import 'framepipe'; await import('framepipe/arbitraries');");
    const { status, says } = user.run('whole.mjs');
    expect([status, says]).toEqual([1, expect.stringContaining("Cannot find package 'fast-check'")]);
  });
});

describe(`JavaScript, on Node ${nodeVersion()}`, () => {
  beforeAll(() => user.add('fast-check', 'pure-rand'));

  test.each(specifiers)('import and require() of %s give the same module', (specifier) => {
    user.write(
      'same.mjs',
      `import { createRequire } from 'node:module';
      import * as imported from '${specifier}';
      const required = createRequire(import.meta.url)('${specifier}');
      const names = Object.keys(imported);
      console.log(names.length > 0 && names.every((name) => imported[name] === required[name]));`,
    );
    expect(user.run('same.mjs')).toEqual({ status: 0, says: 'true\n' });
  });

  test('require() needs no flag and prints no warning', () => {
    user.write('plain.cjs', "const { UsageError } = require('framepipe'); console.log(new UsageError('x').code);");
    expect(user.run('plain.cjs')).toEqual({ status: 0, says: 'ERR_WS_USAGE\n' });
  });

  test('package.json can be read, and nothing else from inside', () => {
    user.write('inside.cjs', "require('framepipe/package.json'); require('framepipe/dist/index.js');");
    expect(user.run('inside.cjs').says).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

describe('TypeScript, strict, libraries checked, with @types/node and no other types', () => {
  const PROGRAM = `import { pipeline, type Duplex, type Transform } from 'node:stream';
    import { FrameDecoder, FrameEncoder } from 'framepipe';
    import { type FuzzReport, fuzzServer } from 'framepipe/arbitraries';
    const report: Promise<FuzzReport> = fuzzServer('ws://localhost:8080', { runs: 1 });
    declare const socket: Duplex;
    const decoder: Transform = new FrameDecoder({ role: 'server' });
    pipeline(socket, decoder, new FrameEncoder({ role: 'server' }), socket, (error) => error?.message);
    // @ts-expect-error: a stage that had fallen back to any would take this role
    new FrameDecoder({ role: 'neither' });`;

  /** Only for ES modules: the types that fast-check has for CommonJS are others, and do not mix. */
  const PROPERTY = `import type { Arbitrary } from 'fast-check';
    import { type Wire, wires } from 'framepipe/arbitraries';
    export const arbitrary: Arbitrary<Wire> = wires('client', { maxBytes: 100 });`;

  beforeAll(() => {
    user.add('@types/node', 'undici-types');
    user.write('esm/package.json', '{ "type": "module" }');
    user.write('cjs/package.json', '{ "type": "commonjs" }');
  });

  const compile = (folder: string, module: string, moduleResolution: string) => {
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    user.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [`${folder}/app.ts`] }));
    return user.compile('tsconfig.json');
  };

  test('nothing came along but the run-time dependencies', () => {
    expect(cameAlong).toEqual(['commander', 'readable-stream']);
  });

  test.each([
    ['esm', 'node16', 'node16'],
    ['esm', 'nodenext', 'nodenext'],
    ['cjs', 'nodenext', 'nodenext'],
    ['esm', 'esnext', 'bundler'],
  ])(
    'the public names have the types that they should: %s, module %s, moduleResolution %s',
    (folder, module, resolution) => {
      user.write(`${folder}/app.ts`, PUBLIC_TYPES);
      expect(compile(folder, module, resolution)).toEqual({ status: 0, says: '' });
    },
  );

  test.each([
    ['esm', 'node16', 'node16'],
    ['esm', 'nodenext', 'nodenext'],
    ['cjs', 'nodenext', 'nodenext'],
    ['esm', 'esnext', 'bundler'],
  ])('an %s project, module %s, moduleResolution %s', (folder, module, moduleResolution) => {
    user.write('esm/app.ts', `${PROGRAM}\n${PROPERTY}`);
    user.write('cjs/app.ts', PROGRAM);
    expect(compile(folder, module, moduleResolution)).toEqual({ status: 0, says: '' });
  });
});
