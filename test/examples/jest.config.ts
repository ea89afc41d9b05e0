/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The examples, each as a process of its own, used as a user would: `npm run test:examples` builds first. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/examples'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  testTimeout: 60_000,
  globalSetup: '<rootDir>/test/examples/support/install.cjs',
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
