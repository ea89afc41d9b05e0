/** A server that answers in capitals, for the tests of what pipes into it and out of it. */
import { pipeline, Transform } from 'node:stream';
import { serving } from './web-sockets.js';

export const WORDS = Array.from({ length: 300 }, (_, at) => `word ${at}`);
export const CAPITALS = WORDS.map((word) => word.toUpperCase());

/** Sends what it gets in capitals, closes when the client does, and keeps what went wrong. */
export async function shouting(): Promise<{ url: string; errors: unknown[] }> {
  const errors: unknown[] = [];
  const { url } = await serving({}, (ws) => {
    pipeline(ws, capitals(), ws, (error) => {
      if (error) errors.push(error);
    });
  });
  return { url, errors };
}

export function capitals(): Transform {
  return new Transform({
    objectMode: true,
    transform: (message: string, _, done) => done(null, message.toUpperCase()),
  });
}
