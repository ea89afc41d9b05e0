/**
 * From the target of a request to a path below a folder, or to nothing.
 *
 * Knows: that no target may lead out of the folder or to a hidden file.
 * Does not know: the file system; a link in the folder is the business of who opens the file.
 */

/** The names from the folder down to the file, none of them hidden, or null. An empty list is the folder itself. */
export function namesOf(target: string): string[] | null {
  const [path = ''] = target.split(/[?#]/, 1);
  if (!path.startsWith('/')) return null;
  const names = decoded(path.slice(1))?.split('/') ?? null;
  if (names === null) return null;
  if (names.at(-1) === '') names.pop();
  return names.every(isVisibleName) ? names : null;
}

/** False for `..`, hidden and empty names, and for those that mean something else on some system. */
function isVisibleName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[\\:\0]/.test(name);
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
