/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The demo page in a real browser. It needs Chromium, so `npm test` leaves it out and `npm run test:browser` runs it. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  testTimeout: 30_000,
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        tsconfig: { module: 'commonjs', verbatimModuleSyntax: false, isolatedModules: true, target: 'es2023' },
        diagnostics: false,
      },
    ],
  },
};

export default config;
