/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Against other implementations, in one process where they are JavaScript: `npm run test:peers`. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/peers'],
  testTimeout: 20_000,
};

export default config;
