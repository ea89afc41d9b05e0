/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Every line and branch of the codec and of the pure code of compression and handshake, by their own unit tests. */
const config: Config = {
  preset: './test/preset/jest-preset.json',
  rootDir: '../..',
  roots: ['<rootDir>/test/unit/codec', '<rootDir>/test/unit/deflate', '<rootDir>/test/unit/handshake'],
  // A hang fails; a slow machine does not.
  testTimeout: 60_000,
  collectCoverage: true,
  collectCoverageFrom: ['src/codec/**/*.ts', 'src/deflate/*.ts', 'src/handshake/*.ts'],
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
  coverageReporters: ['text'],
};

export default config;
