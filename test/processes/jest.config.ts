/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Two or more real processes on the build: `npm run test:processes` builds first. It takes more than a minute. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/processes'],
  testTimeout: 60_000,
  // One file at a time: what is measured here is memory and time.
  maxWorkers: 1,
};

export default config;
