/**
 * Something that happens once, as a promise that is only made when somebody asks for it. A rejection that nobody asked
 * about is no unhandled one.
 *
 * Knows: the first outcome, and who asked for it.
 * Does not know: what has happened.
 */
/** A promise with its `resolve` and `reject` at hand; it costs nothing until `promise` is read. */
export class Moment<T> {
  #promise: Promise<T> | null = null;
  #settle: { resolve: (value: T) => void; reject: (error: Error) => void } | null = null;
  #outcome: { value: T } | { error: Error } | null = null;

  get hasCome(): boolean {
    return this.#outcome !== null;
  }

  get promise(): Promise<T> {
    if (this.#promise !== null) return this.#promise;
    const promise = new Promise<T>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    promise.catch(() => {});
    this.#promise = promise;
    this.#pass();
    return promise;
  }

  /** Only the first outcome counts. */
  resolve(value: T): void {
    this.#outcome ??= { value };
    this.#pass();
  }

  reject(error: Error): void {
    this.#outcome ??= { error };
    this.#pass();
  }

  #pass(): void {
    if (this.#settle === null || this.#outcome === null) return;
    if ('error' in this.#outcome) this.#settle.reject(this.#outcome.error);
    else this.#settle.resolve(this.#outcome.value);
  }
}
