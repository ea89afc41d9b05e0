/**
 * Lines of an HTTP head, and the spellings that RFC 9110 and RFC 9112 allow for them.
 *
 * Knows: that names ignore case, that white space may stand around a value, that a list may be spread over lines.
 * Does not know: which lines a handshake needs.
 */
import { Buffer } from 'node:buffer';
import fc, { type Arbitrary } from 'fast-check';

/** One line: a name and a value. */
export type FieldLine = readonly [name: string, value: string];

/** A head, parsed and as bytes. */
export interface SpelledHead {
  /** Name, value, name, value: as Node's parser gives them. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
}

const BEFORE = ['', ' ', '  ', '\t'] as const;
/** No tab: llhttp, with which Node and others parse, does not see the upgrade when a tab ends Connection. */
const AFTER = ['', ' ', '  '] as const;

/** A base64 key of 16 bytes, as Sec-WebSocket-Key has it. */
export function handshakeKeys(): Arbitrary<string> {
  return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64'));
}

/** Tokens (RFC 9110 §5.6.2): names of subprotocols, extensions and parameters, `__proto__` and its like among them. */
export function tokens(): Arbitrary<string> {
  const characters = fc.constantFrom(...'abcxyzABC019', ...".!#$%&'*+-^_`|~");
  const famous = fc.constantFrom('chat', 'v1.chat', '__proto__', 'constructor', 'hasOwnProperty', 'toString');
  return fc.oneof(fc.string({ unit: characters, minLength: 1, maxLength: 8 }), famous);
}

/** The lines in any order, in any case, with any white space; `start` is the first line of the head. */
export function spelled(start: string, lines: readonly FieldLine[]): Arbitrary<SpelledHead> {
  const { length } = lines;
  const spelling = fc.record({
    upper: fc.constantFrom('as it is', 'upper', 'lower'),
    before: fc.constantFrom(...BEFORE),
    after: fc.constantFrom(...AFTER),
  });
  const order = fc.shuffledSubarray([...lines.keys()], { minLength: length });
  return fc.tuple(order, fc.array(spelling, { minLength: length, maxLength: length })).map(([places, spellings]) => {
    const rawHeaders: string[] = [];
    const written = places.map((place, at) => {
      const [name, value] = lines[place] ?? ['', ''];
      const { upper, before, after } = spellings[at] ?? { upper: 'as it is', before: ' ', after: '' };
      const shown = upper === 'upper' ? name.toUpperCase() : upper === 'lower' ? name.toLowerCase() : name;
      rawHeaders.push(shown, value);
      return `${shown}:${before}${value}${after}\r\n`;
    });
    return { rawHeaders, bytes: Buffer.from(`${start}\r\n${written.join('')}\r\n`, 'latin1') };
  });
}

/** The lines with some replaced, by name; a null removes the line, a new name adds one. */
export function changed(
  lines: readonly FieldLine[],
  changes: Readonly<Record<string, string | readonly string[] | null>>,
): FieldLine[] {
  const kept = lines.filter(([name]) => !Object.hasOwn(changes, name));
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one): FieldLine => [name, one]),
  );
  return [...kept, ...added];
}
