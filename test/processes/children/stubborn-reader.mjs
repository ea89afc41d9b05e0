/**
 * Does not read until it is told to; then reads numbered messages and checks that none is missing.
 * Arguments: our side, the HTTP version, bytes of a message, messages until it reports that reading goes on.
 */
import { meet } from './meeting.mjs';
import { watchMemory } from './memory.mjs';
import { report, told } from './parent.mjs';

const [side, http, size, enough] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];
const { ws, server } = await meet(side, http);
await ws.opened;
const memory = watchMemory();
report('open');
await told('resume');
report('figures', { growth: memory.growth() });

let received = 0;
for await (const message of ws) {
  if (message.length !== size || message.readDoubleBE() !== received) throw new Error(`Not message ${received}.`);
  received++;
  if (received === enough) report('reading');
}
report('done', { received, closeCode: (await ws.closed).code });
await server?.close();
