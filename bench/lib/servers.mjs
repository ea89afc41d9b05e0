/**
 * The echo servers, by name.
 *
 * Knows: which program each one is, in which runtime and environment, and whether that runtime is installed.
 * Does not know: what is measured on them.
 */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';

/** @typedef {{ id: string, label: string, program: string, env?: Record<string, string>, takes?: (one: any) => boolean }} Server */

/** @satisfies {Record<string, Server>} */
export const SERVERS = {
  framepipe: { id: 'framepipe', label: 'framepipe', program: 'framepipe' },
  listener: {
    id: 'framepipe-listener',
    label: 'framepipe, a listener',
    program: 'framepipe',
    env: { APP: 'listener' },
  },
  stages: { id: 'stages', label: 'framepipe, stages', program: 'stages' },
  stagesApp: { id: 'stages-app', label: 'framepipe, stages with an app', program: 'stages', env: { APP: '1' } },
  ws: { id: 'ws', label: 'ws + bufferutil', program: 'ws' },
  wsJs: { id: 'ws-js', label: 'ws, JavaScript', program: 'ws', env: { WS_NO_BUFFER_UTIL: '1' } },
  bun: { id: 'bun', label: 'Bun (native)', program: 'bun' },
  websocket: { id: 'websocket', label: 'websocket', program: 'websocket' },
  websocketDriver: { id: 'websocket-driver', label: 'websocket-driver', program: 'websocket-driver' },
  raw: { id: 'raw', label: 'no WebSocket: the bare socket', program: 'raw' },
};

/** The servers that can run here: Bun's binary may be missing for a platform. @param {readonly Server[]} wanted */
export function runnable(wanted) {
  return wanted.filter(({ program }) => program !== 'bun' || bunBinary() !== null);
}

/** @param {Server} server @param {readonly string[]} flags For Node. */
export function startServer({ id, program, env = {} }, flags = []) {
  const file = fileURLToPath(new URL(`../servers/${program}.mjs`, import.meta.url));
  const bun = bunBinary();
  if (program === 'bun' && bun !== null) return Child.start({ name: id, command: bun, args: [file], env });
  return Child.start({ name: id, args: ['--expose-gc', ...flags, file], env });
}

/** The binary that npm's `bun` brought, or null. Its install script may not have run: then a platform package has it. */
function bunBinary() {
  const require = createRequire(import.meta.url);
  const names = [
    'bun/package.json',
    `@oven/bun-${process.platform}-${process.arch.replace('arm64', 'aarch64')}/package.json`,
  ];
  for (const name of names) {
    try {
      const folder = dirname(require.resolve(name));
      const found = ['bin/bun.exe', 'bin/bun'].map((file) => join(folder, file)).find((file) => isProgram(file));
      if (found !== undefined) return found;
    } catch {
      // Not installed.
    }
  }
  return null;
}

/** A real binary, not the text that stands in for it. @param {string} file */
function isProgram(file) {
  return existsSync(file) && statSync(file).size > 1_000_000;
}
