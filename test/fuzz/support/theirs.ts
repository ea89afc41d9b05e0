/** ws's Receiver, driven without its stream: one call a chunk, synchronously. It stops at a close frame by itself. */
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { Recipient } from './fuzz-case.js';
import type { Outcome } from './outcome.js';

/** What ws exports besides what its types say. */
type ReceiverClass = new (options: { readonly isServer: boolean; readonly maxPayload: number }) => Writable;
const { Receiver } = ws as unknown as { readonly Receiver: ReceiverClass };

/** What ws makes of the chunks. It may write into them. */
export function theirs({ role, limitBytes }: Recipient, chunks: readonly Buffer[]): Outcome {
  const events: string[] = [];
  const receiver = new Receiver({ isServer: role === 'server', maxPayload: limitBytes });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    events.push(isBinary ? `binary ${data.toString('latin1')}` : `text ${data.toString()}`);
  });
  receiver.on('ping', (data: Buffer) => events.push(`ping ${data.toString('latin1')}`));
  receiver.on('pong', (data: Buffer) => events.push(`pong ${data.toString('latin1')}`));
  receiver.on('conclude', (code: number, reason: Buffer) => events.push(`close ${code} ${reason.toString()}`));
  let failure: NodeJS.ErrnoException | null = null;
  for (const chunk of chunks) {
    if (failure !== null) break;
    receiver._write(chunk, 'latin1', (error) => {
      failure ??= error ?? null;
    });
  }
  return failure === null ? { events, closeCode: 0, code: '' } : { events, ...faultOf(failure) };
}

/** ws keeps the close code of an error under a symbol. */
function faultOf(error: NodeJS.ErrnoException): { readonly closeCode: number; readonly code: string } {
  const [status] = Object.getOwnPropertySymbols(error);
  const closeCode = status === undefined ? 0 : Number(Reflect.get(error, status));
  return { closeCode, code: error.code ?? '' };
}
