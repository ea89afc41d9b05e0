import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import type { Endpoint } from '../../../../src/arbitraries/stream/endpoint-commands.js';
import { endpointCommands } from '../../../../src/arbitraries/stream/endpoint-commands.js';
import { runEndpoints } from '../../../../src/arbitraries/stream/endpoint-runs.js';
import { linkPlans } from '../../../../src/arbitraries/stream/lossy-link.js';
import { WebSocketDuplex } from '../../../../src/duplex/websocket-duplex.js';

type Bug = (ws: WebSocketDuplex) => Partial<Endpoint>;
const honest: Bug = () => ({});

/** Our own endpoints, of which the server has a bug. */
const pair =
  (bug: Bug) =>
  (client: Duplex, server: Duplex): Record<'client' | 'server', Endpoint> => ({
    client: new WebSocketDuplex({ keepAlive: false, role: 'client', transport: client }),
    server: buggy(new WebSocketDuplex({ keepAlive: false, role: 'server', transport: server }), bug),
  });

function buggy(ws: WebSocketDuplex, bug: Bug): Endpoint {
  const wrapped: Endpoint = {
    write: (message) => ws.write(message),
    end: () => ws.end(),
    close: (code) => ws.close(code),
    ping: () => ws.ping(),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    on: (event: string, listener: (value: unknown) => void) => ws.on(event, listener),
    closed: ws.closed,
  };
  return Object.assign(wrapped, bug(ws));
}

/** Hands messages on by a rule of its own. */
const reading =
  (rule: (message: string | Buffer, hand: (message: string | Buffer) => void) => void): Bug =>
  (ws) => ({
    on: (event: string, listener: (value: unknown) => void) => {
      if (event !== 'data') return ws.on(event, listener);
      return ws.on('data', (message: string | Buffer) => rule(message, listener));
    },
  });

/** What is found wrong with a pair, as fast-check reports it. */
async function finding(bug: Bug): Promise<string> {
  const law = fc.asyncProperty(linkPlans(), endpointCommands({ maxBytes: 200 }), (plan, commands) =>
    runEndpoints(plan, commands, pair(bug), { timeoutMs: 300 }),
  );
  const { failed, errorInstance, counterexample } = await fc.check(law, {
    numRuns: 200,
    seed: 4,
    interruptAfterTimeLimit: 20_000,
  });
  if (!failed) return '';
  return `${(errorInstance as Error).message} ${counterexample?.[1]}`;
}

test('honest endpoints keep every law', async () => {
  expect(await finding(honest)).toBe('');
}, 30_000);

test.each<[string, Bug, RegExp]>([
  [
    'a message twice',
    reading((message, hand) => [message, message].map(hand)),
    /^Message 1 to the server is not what was written\. (client writes|.*client: )?/,
  ],
  [
    'a message lost',
    reading((message, hand) => (message.length === 1 ? undefined : hand(message))),
    /^(Message \d+ to the server is not|The server got \d+ of \d+ messages)/,
  ],
  [
    'a byte changed',
    reading((message, hand) =>
      hand(Buffer.isBuffer(message) && message.length > 0 ? Buffer.from(message).fill(7, 0, 1) : message),
    ),
    /^Message \d+ to the server is not what was written/,
  ],
  [
    'text as bytes',
    reading((message, hand) => hand(Buffer.from(message as string))),
    /^Message \d+ to the server is not what was written/,
  ],
  [
    'a close code of its own invention',
    (ws) => ({ closed: ws.closed.then((info) => ({ ...info, sent: { code: 4242 } })) }),
    /^The client heard close \d+, the server sent 4242/,
  ],
  [
    'no word of the close that came',
    (ws) => ({ closed: ws.closed.then(({ received: _, ...info }) => info) }),
    /^The server heard no close/,
  ],
  [
    'an end that never comes',
    () => ({ closed: new Promise<never>(() => {}) }),
    /^The endpoints have not settled after 300 ms/,
  ],
])(
  'found: %s',
  async (_, bug, says) => {
    expect(await finding(bug)).toMatch(says);
  },
  60_000,
);
