/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The demo page in a real browser. It needs Chromium, so `npm test` leaves it out and `npm run test:browser` runs it. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testTimeout: 30_000,
};

export default config;
