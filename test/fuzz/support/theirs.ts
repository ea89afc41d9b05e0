/** ws's Receiver, with its own permessage-deflate where that was agreed on. It stops at a close frame by itself. */
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { DeflateDirection } from '../../../src/deflate/agreement.js';
import type { Recipient } from './fuzz-case.js';
import type { Outcome } from './outcome.js';

interface ReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly extensions?: Readonly<Record<string, PerMessageDeflate>>;
}

interface PerMessageDeflate {
  params: Record<string, unknown>;
  cleanup(): void;
}

/** What ws exports besides what its types say. */
const { Receiver, PerMessageDeflate } = ws as unknown as {
  readonly Receiver: new (options: ReceiverOptions) => Writable;
  readonly PerMessageDeflate: new (options: { isServer: boolean; maxPayload: number }) => PerMessageDeflate;
};

/** What ws makes of the chunks, without compression: synchronously. It may write into them. */
export function theirs({ role, limitBytes }: Recipient, chunks: readonly Buffer[]): Outcome {
  const events: string[] = [];
  const receiver = listening(events, { isServer: role === 'server', maxPayload: limitBytes });
  let failure: NodeJS.ErrnoException | null = null;
  for (const chunk of chunks) {
    if (failure !== null) break;
    receiver._write(chunk, 'latin1', (error) => {
      failure ??= error ?? null;
    });
  }
  return outcomeOf(events, failure);
}

/** The same with permessage-deflate: its zlib works on other threads. */
export async function theirsInflating(
  { role, limitBytes }: Recipient,
  deflate: DeflateDirection,
  chunks: readonly Buffer[],
): Promise<Outcome> {
  const isServer = role === 'server';
  const extension = new PerMessageDeflate({ isServer, maxPayload: limitBytes });
  const peer = isServer ? 'client' : 'server';
  extension.params = { [`${peer}_max_window_bits`]: deflate.windowBits };
  if (!deflate.takeover) extension.params[`${peer}_no_context_takeover`] = true;
  const events: string[] = [];
  const extensions = { 'permessage-deflate': extension };
  const receiver = listening(events, { isServer, maxPayload: limitBytes, extensions });
  let failure: NodeJS.ErrnoException | null = null;
  for (const chunk of chunks) {
    if (failure !== null) break;
    failure = await new Promise((resolve) => {
      receiver._write(chunk, 'latin1', (error) => resolve(error ?? null));
    });
  }
  extension.cleanup();
  return outcomeOf(events, failure);
}

function listening(events: string[], options: ReceiverOptions): Writable {
  const receiver = new Receiver(options);
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    events.push(isBinary ? `binary ${data.toString('latin1')}` : `text ${data.toString()}`);
  });
  receiver.on('ping', (data: Buffer) => events.push(`ping ${data.toString('latin1')}`));
  receiver.on('pong', (data: Buffer) => events.push(`pong ${data.toString('latin1')}`));
  receiver.on('conclude', (code: number, reason: Buffer) => events.push(`close ${code} ${reason.toString()}`));
  return receiver;
}

/** ws keeps the close code of an error under a symbol. */
function outcomeOf(events: readonly string[], failure: NodeJS.ErrnoException | null): Outcome {
  if (failure === null) return { events, closeCode: 0, code: '', why: '' };
  const [status] = Object.getOwnPropertySymbols(failure);
  const closeCode = status === undefined ? 0 : Number(Reflect.get(failure, status));
  return { events, closeCode, code: failure.code ?? '', why: failure.message };
}
