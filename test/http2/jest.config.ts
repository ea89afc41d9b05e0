/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** HTTP/2 with programs of others: Chromium, nghttpx; and a crowd on one session. `npm run test:http2` builds first. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/http2'],
  testTimeout: 120_000,
  // One file at a time: what is measured here is memory.
  maxWorkers: 1,
};

export default config;
