/**
 * Two endpoints over a lossy link, and the laws that every such pair keeps to, whatever is done to it.
 *
 * Knows: what arrives when and how both settle.
 * Does not know: what users do (endpoint-commands.ts), or how an endpoint works. It is told how to make two of them.
 */
import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  contentOf,
  ENDS,
  type Endpoint,
  type EndpointClose,
  type EndpointCommand,
  type EndpointModel,
  type EndpointsUnderTest,
} from './endpoint-commands.js';
import { type LinkEnd, type LinkPlan, LossyLink } from './lossy-link.js';

/** Makes the endpoints over the two ends of the link. */
export type MakeEndpoints = (client: Duplex, server: Duplex) => Readonly<Record<LinkEnd, Endpoint>>;

/** How long a run may take. */
export interface EndpointRunOptions {
  /** Milliseconds that the endpoints have to settle after the last step: longer counts as hanging. Default 5,000. */
  readonly timeoutMs?: number | undefined;
}

const OTHER = { client: 'server', server: 'client' } as const;

/**
 * Carries a run out, then lets go of everything that it held up, ends both sides and waits until they have settled.
 * Rejects with an Error that says which law was broken: messages arrive in order and at most once, all of them where
 * nobody closed before and the link held; both sides settle; what one says it received, the other says it sent.
 */
export async function runEndpoints(
  plan: LinkPlan,
  commands: Iterable<EndpointCommand>,
  make: MakeEndpoints,
  { timeoutMs = 5_000 }: EndpointRunOptions = {},
): Promise<void> {
  const link = new LossyLink(plan);
  const endpoints = make(link.client, link.server);
  const received = { client: [] as (string | Buffer)[], server: [] as (string | Buffer)[] };
  const real = { endpoints, link, received };
  for (const end of ENDS) {
    endpoints[end].on('data', (message) => received[end].push(message as string | Buffer));
    endpoints[end].on('error', () => {});
  }
  const model: EndpointModel = { client: { sent: [], isOver: false }, server: { sent: [], isOver: false } };
  await fc.asyncModelRun(() => ({ model, real }), commands);
  try {
    const closes = await settled(model, real, timeoutMs);
    for (const end of ENDS) judge(end, model, real, closes);
  } finally {
    link.break();
  }
}

/** True when `to` has to get everything that its peer wrote: it did not close itself, and the link held. */
function owes(to: LinkEnd, model: EndpointModel, { link }: EndpointsUnderTest): boolean {
  return !link.isBroken && !model[to].isOver;
}

async function settled(model: EndpointModel, real: EndpointsUnderTest, timeoutMs: number) {
  const { endpoints, link, received } = real;
  const waits = () => ENDS.some((to) => owes(to, model, real) && received[to].length < model[OTHER[to]].sent.length);
  for (const end of ENDS) {
    link.release(end);
    endpoints[end].resume();
  }
  const closed = Promise.all([endpoints.client.closed, endpoints.server.closed]);
  let isOver = false;
  closed.then(() => {
    isOver = true;
  });
  for (const late = Date.now() + timeoutMs; waits() && !isOver && Date.now() < late; ) await turn();
  for (const end of ENDS) if (!model[end].isOver) endpoints[end].end();
  for (const late = Date.now() + timeoutMs; !isOver && Date.now() < late; ) await turn();
  if (!isOver) throw new Error(`The endpoints have not settled after ${timeoutMs} ms.`);
  const [client, server] = await closed;
  return { client, server };
}

function judge(
  to: LinkEnd,
  model: EndpointModel,
  real: EndpointsUnderTest,
  closes: Readonly<Record<LinkEnd, EndpointClose>>,
): void {
  const from = OTHER[to];
  const sent = model[from].sent.map(contentOf);
  const received = real.received[to];
  received.forEach((message, at) => {
    if (!isSame(message, sent[at])) throw new Error(`Message ${at} to the ${to} is not what was written.`);
  });
  if (owes(to, model, real) && received.length < sent.length) {
    throw new Error(`The ${to} got ${received.length} of ${sent.length} messages.`);
  }
  const [heard, said] = [closes[to].received?.code, closes[from].sent?.code];
  if (heard !== undefined && heard !== said)
    throw new Error(`The ${to} heard close ${heard}, the ${from} sent ${said}.`);
  if (heard === undefined && !real.link.isBroken) throw new Error(`The ${to} heard no close.`);
}

function isSame(left: string | Buffer, right: string | Buffer | undefined): boolean {
  return Buffer.isBuffer(left) ? Buffer.isBuffer(right) && left.equals(right) : left === right;
}
