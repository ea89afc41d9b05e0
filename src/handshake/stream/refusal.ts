/**
 * The error that a refused handshake ends in.
 *
 * Knows: how much of a refusal to read, and how to quote it.
 * Does not know: whether it is one; only what is certain to be refused comes here.
 */

import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type Facts, type HandshakeError, violation } from '../../errors.js';
import { printable } from '../excerpt.js';

/** How much of the body an error quotes, in bytes. */
const BODY_BYTES = 1024;

/**
 * Reads at most 1 KiB of `response`'s body, destroys its socket and makes the HandshakeError: `HANDSHAKE_REFUSED`, or
 * `HANDSHAKE_INVALID` when the status means success. Its message quotes the status, `reason` if there is one, and what
 * was read of the body, made printable. A body that stalls is quoted as far as it came once the request is destroyed.
 */
export async function refusal(response: IncomingMessage, reason?: string): Promise<HandshakeError> {
  const body = printable((await firstBytes(response)).toString('latin1'), BODY_BYTES);
  const { statusCode: status = 0 } = response;
  const facts: Facts = {
    status,
    ...(reason !== undefined && { reason }),
    ...(body !== '' && { body: JSON.stringify(body) }),
  };
  return violation(status < 300 ? 'HANDSHAKE_INVALID' : 'HANDSHAKE_REFUSED', facts, { status });
}

function firstBytes(response: IncomingMessage): Promise<Buffer> {
  const { socket } = response;
  const chunks: Buffer[] = [];
  let missing = BODY_BYTES;
  return new Promise((resolve) => {
    const finish = (): void => {
      // In the same turn as 'end', or a keep-alive agent would hand the socket to somebody else.
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    response.on('data', (chunk: Buffer) => {
      if (missing > 0) chunks.push(chunk.subarray(0, missing));
      missing -= chunk.length;
      if (missing <= 0) finish();
    });
    for (const event of ['end', 'error', 'close']) response.once(event, finish);
  });
}
