/**
 * The grammar that handshake fields share: tokens and comma lists (RFC 9110 §5.6).
 *
 * Knows: tokens, optional whitespace, quoted strings, lists with empty elements.
 * Does not know: what any field means.
 *
 * Every character is looked at once and nothing is ever retried, so time is linear in the length of the field.
 */

const TOKEN_CHARACTERS: ReadonlySet<string> = new Set(
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);

/** Whether `text` is one token: one or more letters, digits or !#$%&'*+-.^_`|~ (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  const scanner = new FieldScanner(text);
  return scanner.token() !== null && scanner.done;
}

/**
 * The tokens of a comma list, in order, duplicates kept; null when it is malformed.
 * Empty elements are skipped, as RFC 9110 §5.6.1 asks of recipients, so an empty field is an empty list.
 */
export function parseTokenList(value: string): string[] | null {
  return parseList(value, (scanner) => scanner.token());
}

/** A comma list whose elements `element` reads, one a call; null as soon as `element` returns null. */
export function parseList<T>(value: string, element: (scanner: FieldScanner) => T | null): T[] | null {
  const scanner = new FieldScanner(value);
  const list: T[] = [];
  for (;;) {
    if (scanner.take(',')) continue;
    if (scanner.done) return list;
    const item = element(scanner);
    if (item === null) return null;
    list.push(item);
    if (!scanner.take(',') && !scanner.done) return null;
  }
}

/** A position in a field value that only moves forward. */
export class FieldScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** True when everything has been read. */
  get done(): boolean {
    return this.#at === this.#text.length;
  }

  /** Whether `character` comes next, whitespace aside; if so it is consumed, with the whitespace after it. */
  take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  /** The token that begins here, or null, which consumes nothing. */
  token(): string | null {
    const start = this.#at;
    while (TOKEN_CHARACTERS.has(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at === start ? null : this.#text.slice(start, this.#at);
  }

  /** A token, or a quoted string that is a token once it is unquoted (RFC 6455 §9.1); null when it is neither. */
  tokenOrQuoted(): string | null {
    return this.#text[this.#at] === '"' ? this.#quotedToken() : this.token();
  }

  #quotedToken(): string | null {
    let content = '';
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] === '"') {
        this.#at = at + 1;
        return content === '' ? null : content;
      }
      if (this.#text[at] === '\\') at += 1;
      const character = this.#text[at] ?? '';
      if (!TOKEN_CHARACTERS.has(character)) return null;
      content += character;
    }
    return null;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }
}
