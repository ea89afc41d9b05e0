/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Against other implementations, in one process where they are JavaScript: `npm run test:peers`. */
const config: Config = {
  rootDir: '../..',
  roots: ['<rootDir>/test/peers'],
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
