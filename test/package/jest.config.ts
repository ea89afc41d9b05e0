/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The tarball as a user gets it. It installs from the network, so `npm test` leaves it to `npm run test:package`. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testTimeout: 60_000,
  // Packing builds anew, and would pull the build from under another one.
  maxWorkers: 1,
};

export default config;
