/** The product's own arbitraries, for the tests of everything else. */
export * from '../../src/arbitraries/index.js';
