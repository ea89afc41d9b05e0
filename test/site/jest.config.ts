/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The site, built as `npm run docs` builds it, and every link of it: `npm run test:site`. Needs the network once. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/site'],
  testTimeout: 300_000,
};

export default config;
