/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Two or more real processes on the build: `npm run test:processes` builds first. It takes more than a minute. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/processes'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  testTimeout: 60_000,
  // One file at a time: what is measured here is memory and time.
  maxWorkers: 1,
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        tsconfig: {
          module: 'commonjs',
          verbatimModuleSyntax: false,
          isolatedModules: true,
          esModuleInterop: true,
          target: 'es2023',
        },
        diagnostics: false,
      },
    ],
  },
};

export default config;
