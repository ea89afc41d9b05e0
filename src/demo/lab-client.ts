/**
 * A WebSocket client that writes what it is told, legal or not, and reports how the server takes it.
 *
 * Knows: the opening handshake in its shortest form, and how to wait for the server's close frame, but not for ever.
 * Does not know: what the bytes are (lab-cases.ts). framepipe's own client would refuse to send most of them.
 */
import { Buffer } from 'node:buffer';
import { type ClientRequest, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabCase } from './lab-cases.js';
import { type FrameDescription, WireTap } from './wire-tap.js';

export interface LabOutcome {
  /** The code of the server's close frame, null when there was none. */
  readonly closeCode: number | null;
  /** The sentence in it, or what went wrong before; null when the server found nothing to say. */
  readonly error: string | null;
}

const PATIENCE_MS = 3_000;
const DRIBBLE_MS = 4;
/** A close frame with 1000, masked with the key 0. */
const POLITE_CLOSE = Buffer.from('88820000000003e8', 'hex');

/** Opens `url`, writes the bytes of the case, and waits for the end. Never rejects. */
export async function runLabCase(url: URL, { bytes, dribble }: LabCase): Promise<LabOutcome> {
  try {
    const socket = await upgraded(url);
    const outcome = outcomeOf(socket);
    await write(socket, dribble ? Array.from(bytes, (byte) => Buffer.from([byte])) : [bytes]);
    return await outcome;
  } catch (error) {
    return { closeCode: null, error: `The lab client could not connect: ${String(error)}` };
  }
}

function upgraded(url: URL): Promise<Duplex> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? secureRequest : request;
    // It only ever talks to the server of its own process, whose certificate may be for another name.
    const options = { headers, agent: false, timeout: PATIENCE_MS, rejectUnauthorized: false };
    const asking: ClientRequest = ask(url, options);
    asking.on('upgrade', (_, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asking.on('response', (response) => {
      response.resume();
      reject(new Error(`HTTP ${response.statusCode}`));
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer in time')));
    asking.on('error', reject);
    asking.end();
  });
}

async function write(socket: Duplex, pieces: readonly Buffer[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await sleep(DRIBBLE_MS);
    if (!socket.writable) return;
    socket.write(piece);
  }
}

/** Settles at the server's close frame; a message that comes back whole is answered with a polite close. */
function outcomeOf(socket: Duplex): Promise<LabOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: LabOutcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => settle({ closeCode: null, error: 'No close frame within 3 seconds.' }), PATIENCE_MS);
    const tap = new WireTap((frame) => {
      if (frame.arrived < frame.length) return;
      if (frame.opcode === 8) settle(closeOf(frame));
      if (frame.opcode <= 2 && frame.fin) socket.write(POLITE_CLOSE);
    });
    socket.on('data', (chunk: Buffer) => tap.push(chunk));
    socket.on('error', (error) => settle({ closeCode: null, error: error.message }));
    socket.on('end', () => settle({ closeCode: null, error: 'The server ended without a close frame.' }));
  });
}

function closeOf({ payload }: FrameDescription): LabOutcome {
  const bytes = Buffer.from(payload, 'hex');
  const reason = bytes.toString('utf8', 2);
  return { closeCode: bytes.length < 2 ? 1005 : bytes.readUInt16BE(0), error: reason === '' ? null : reason };
}
