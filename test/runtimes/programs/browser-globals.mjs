/** What Node has as globals, for `inject` of the bundler: the packages that readable-stream brings. */
export { Buffer } from 'buffer/';
export { default as process } from 'process/';
