/**
 * A server that nobody listens to: no 'connection', no 'error', nothing. It prints nothing either.
 */
import { createServer } from 'framepipe';
import { obey, report } from './parent.mjs';

const server = createServer();
server.listen(0, '127.0.0.1', () => report('port', server.address().port));
await obey({});
await server.close();
