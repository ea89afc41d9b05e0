/**
 * A peer by its name, without types: most have none, and we do not call them as their types would like.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The package, or a file in it that its exports do not list. @type {(name: string, file?: string) => any} */
export function peer(name, file) {
  return require(file === undefined ? name : join(dirname(require.resolve(`${name}/package.json`)), file));
}
