/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  // Types are checked once by `tsc`; the preset only translates, to CommonJS because that is what jest loads. And it uses all cores:
  // of two, jest would use one, and its own process has little to do.
  preset: './test/preset/jest-preset.json',
  roots: ['<rootDir>/test'],
  // A hang fails; a slow machine does not.
  testTimeout: 60_000,
  // Suites with a config of their own: test:browser needs Chromium, test:package and test:examples a network, test:docs
  // and test:processes a fresh build, test:peers other implementations, test:backplane NATS and Redis,
  // test:cli a fresh build and programs of Debian.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/mutation/',
    '<rootDir>/test/browser/',
    '<rootDir>/test/package/',
    '<rootDir>/test/docs/',
    '<rootDir>/test/site/',
    '<rootDir>/test/processes/',
    '<rootDir>/test/examples/',
    '<rootDir>/test/peers/',
    '<rootDir>/test/backplane/',
    '<rootDir>/test/cli/',
    '<rootDir>/test/http2/',
    '<rootDir>/test/runtimes/',
  ],
};

export default config;
