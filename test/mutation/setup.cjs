/** Fewer runs of each property: a mutant that lives through thirty of them is looked at by hand. */
const fc = require('fast-check');

fc.configureGlobal({ numRuns: 30 });
