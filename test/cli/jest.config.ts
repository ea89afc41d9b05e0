/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The command line as processes, on the build: `npm run test:cli` builds first. Needs the Debian packages in .ci/run. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/cli'],
  testTimeout: 60_000,
};

export default config;
