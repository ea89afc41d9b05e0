/**
 * What the examples depend on, installed once before they run: jest's globalSetup. It needs the network, the first time.
 */
const { execFileSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const { join } = require('node:path');

const EXAMPLES = join(__dirname, '../../../examples');

module.exports = function install() {
  const lock = join(EXAMPLES, 'package-lock.json');
  const installed = join(EXAMPLES, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Running npm ci in examples/.');
  execFileSync('npm', ['ci'], { cwd: EXAMPLES, stdio: 'inherit' });
};
