/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Every code block of every page, type-checked and run against the build: `npm run test:docs` builds first. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/docs'],
  testTimeout: 30_000,
};

export default config;
