/**
 * What a parsed HTTP head looks like to the judges.
 *
 * Knows: the shape, and how to find a field in it.
 * Does not know: who parsed it (Node's own parser does), or what a field means.
 */

/** How large a head may be, in bytes: the same as Node's own default, whatever its command line says. */
export const MAX_HEAD_BYTES = 16_384;

/** The head of a request, before anything is made of it. */
export interface RequestHead {
  /** `GET`, when it is to be a handshake (RFC 6455 §4.1). */
  readonly method: string;
  /** The request target as it stood on the wire, not normalised. */
  readonly target: string;
  /** `1.1`, without `HTTP/`. */
  readonly httpVersion: string;
  /** Name, value, name, value: the wire's order and case, duplicates kept, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

/** The head of a response, before anything is made of it. */
export interface ResponseHead {
  /** `101`, when the WebSocket is open. */
  readonly status: number;
  /** `1.1`, without `HTTP/`. */
  readonly httpVersion: string;
  /** Name, value, name, value: the wire's order and case, duplicates kept, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

/** The parts of Node's IncomingMessage that make a request head. */
export interface ParsedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

/** The head of a request that Node has parsed. Borrows `rawHeaders`. */
export function requestHead(request: ParsedRequest): RequestHead {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  return { method, target: url, httpVersion, rawHeaders };
}

/** The fields of a head: for each name, in lower case, its values in order. */
export class Fields {
  readonly #values = new Map<string, string[]>();

  constructor(rawHeaders: readonly string[]) {
    for (let at = 0; at + 1 < rawHeaders.length; at += 2)
      this.#add(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  }

  /** Every value of the field called `name`, which is in lower case; an empty list when it is absent. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? NO_VALUES;
  }

  /** The value of a field that came once; null when it is absent or came twice. */
  only(name: string): string | null {
    const values = this.all(name);
    return values.length === 1 ? (values[0] as string) : null;
  }

  #add(name: string, value: string): void {
    const key = name.toLowerCase();
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }
}

const NO_VALUES: readonly string[] = Object.freeze([]);

/** Every value of the field called `name`, in order; an empty list when it is absent. Names ignore case. */
export function fieldValues(rawHeaders: readonly string[], name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] as string;
    // Few names are as long, so few are copied in lower case; a name has the same length in both, since it is a token.
    if (field.length === wanted.length && field.toLowerCase() === wanted) values.push(rawHeaders[at + 1] as string);
  }
  return values;
}

/**
 * The size of a head in bytes, as HTTP/2 counts it (RFC 9113 §6.5.2): names, values, and 32 for each field. On the wire a field
 * may be one byte, whatever its size (RFC 7541 §6.1).
 */
export function headBytes(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, { length }) => sum + length + 16, 0);
}
