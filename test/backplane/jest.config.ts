/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Real engines, nats-server and redis-server, and server processes on the build: `npm run test:backplane` builds first. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/backplane'],
  testTimeout: 60_000,
};

export default config;
