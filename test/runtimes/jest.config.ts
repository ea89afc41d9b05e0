/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Every runtime that we support, as binaries from npm: `npm run test:runtimes` installs them and builds first. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/runtimes'],
  testPathIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/test/runtimes/node_modules/'],
  // One of our suites in each test, on two cores.
  testTimeout: 900_000,
  maxWorkers: 1,
};

export default config;
