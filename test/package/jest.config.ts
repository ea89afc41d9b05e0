/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** The tarball as a user gets it. It installs from the network, so `npm test` leaves it to `npm run test:package`. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  testTimeout: 60_000,
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
