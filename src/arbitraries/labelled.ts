/**
 * Values that say what they are when fast-check reports a counterexample: it prints whatever has a `toString` of its own
 * by calling it. The label is not enumerable, so values compare as if it were not there.
 */

/** `value`, with a `toString` that gives `label()`. Changes the object that it is given, and returns it. */
export function labelled<T extends object>(value: T, label: () => string): T {
  return Object.defineProperty(value, 'toString', { value: label, enumerable: false });
}
