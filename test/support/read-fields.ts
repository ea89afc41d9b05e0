/** What Node keeps, in fields of a socket, of the memory that it is read into past 'data' (`onread` of `net.connect`). */
import type { Socket } from 'node:net';

export interface ReadFields {
  /** Null for a socket that is read as usual. */
  readonly kBuffer: Buffer | null;
  readonly kBufferCb: ((this: Socket, size: number, memory: Buffer | null) => boolean) | null;
}

export function readFieldsOf(socket: Socket): ReadFields {
  const values = socket as unknown as Record<symbol, unknown>;
  const named = (name: string) => Object.getOwnPropertySymbols(socket).find(({ description }) => description === name);
  return Object.fromEntries(
    ['kBuffer', 'kBufferCb'].map((name) => [name, values[named(name) as symbol]]),
  ) as unknown as ReadFields;
}

/** Tells of a read of `size` bytes as Node does, whatever lies in the memory. False: stop reading. */
export function tellOfRead(socket: Socket, size: number): boolean | undefined {
  const { kBuffer, kBufferCb } = readFieldsOf(socket);
  return kBufferCb?.call(socket, size, kBuffer);
}
