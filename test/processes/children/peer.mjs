/**
 * One end of a connection, which plays a part (parts.mjs) and reports how its pipelines ended and how it was closed.
 *
 * Arguments: our side, the HTTP version, the name of the part. Then it does nothing more: the process ends when nothing keeps it alive.
 */
import { meet } from './meeting.mjs';
import { report } from './parent.mjs';
import { PARTS } from './parts.mjs';

const [side, http, part] = process.argv.slice(2);
const { options = {}, play } = PARTS[part];
const { ws, server } = await meet(side, http, options);
await ws.opened;
report('open');
const outcome = await play(ws);
const { code, sent, received } = await ws.closed;
report('ended', { ...outcome, closed: { code, sent: sent?.code ?? null, received: received?.code ?? null } });
await server?.close();
