/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The examples, each as a process of its own, used as a user would: `npm run test:examples` builds first. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/examples'],
  testTimeout: 60_000,
  globalSetup: '<rootDir>/test/examples/support/install.cjs',
};

export default config;
