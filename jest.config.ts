/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Suites with a config of their own: test:browser needs Chromium, test:package and test:examples a network, test:docs
  // and test:processes a fresh build, test:peers other implementations.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/browser/',
    '<rootDir>/test/package/',
    '<rootDir>/test/docs/',
    '<rootDir>/test/processes/',
    '<rootDir>/test/examples/',
    '<rootDir>/test/peers/',
  ],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        // Types are checked once by `tsc`; here each file is only translated, to CommonJS because that is what jest loads.
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
