/** Two WebSocketDuplexes over a link that delays, cuts, stalls and breaks, through anything that users do to them. */
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { endpointCommands } from '../../src/arbitraries/stream/endpoint-commands.js';
import { type MakeEndpoints, runEndpoints } from '../../src/arbitraries/stream/endpoint-runs.js';
import { linkPlans } from '../../src/arbitraries/stream/lossy-link.js';
import type { WebSocketDuplexOptions } from '../../src/duplex/options.js';
import { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { AGREED, AGREED_NO_TAKEOVER } from '../support/deflate.js';

const pair =
  (options: Partial<WebSocketDuplexOptions>): MakeEndpoints =>
  (client: Duplex, server: Duplex) => ({
    client: new WebSocketDuplex({ keepAlive: false, ...options, role: 'client', transport: client }),
    server: new WebSocketDuplex({ keepAlive: false, ...options, role: 'server', transport: server }),
  });

test.each<[string, Partial<WebSocketDuplexOptions>]>([
  ['plain', {}],
  ['with little room for what is not read or not sent', { maxBufferedBytes: 1_000 }],
  ['compressed', { deflate: { threshold: 0 }, agreement: { extensions: AGREED } }],
  ['compressed without takeover', { deflate: { threshold: 0 }, agreement: { extensions: AGREED_NO_TAKEOVER } }],
])(
  '%s: in order, once, settled, and both say the same of it',
  async (_, options) => {
    const law = fc.asyncProperty(linkPlans(), endpointCommands({ maxBytes: 5_000 }), (plan, commands) =>
      runEndpoints(plan, commands, pair(options)),
    );
    await fc.assert(law, { numRuns: 100 });
  },
  60_000,
);
