/**
 * Assembles src/codec/mask-vector.wat into mask-vector.ts: `npm run build:wasm`.
 *
 * Knows: the assembler, and the line that holds the code.
 * Does not know: what the code does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const SOURCE = new URL('../src/codec/mask-vector.wat', import.meta.url);
const TARGET = new URL('../src/codec/mask-vector.ts', import.meta.url);
const LINE = /(const CODE =\s+')[^']*(';)/;

async function assembled() {
  const { parseWat } = await wabt();
  const unit = parseWat('mask-vector.wat', readFileSync(SOURCE, 'utf8'), { simd: true });
  try {
    return Buffer.from(unit.toBinary({}).buffer).toString('base64');
  } finally {
    unit.destroy();
  }
}

const code = await assembled();
writeFileSync(TARGET, readFileSync(TARGET, 'utf8').replace(LINE, `$1${code}$2`));
