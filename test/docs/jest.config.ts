/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Every code block of every page, type-checked and run against the build: `npm run test:docs` builds first. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/docs'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  testTimeout: 30_000,
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
