import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { type LinkPlan, LossyLink, linkPlans } from '../../../../src/arbitraries/stream/lossy-link.js';
import { turns } from '../../../support/streams.js';

const PLAIN: LinkPlan = { pieceBytes: [65_536], delayTurns: [1], breaksAfter: { client: null, server: null } };

/** What arrives at `stream`, chunk by chunk, until it ends. */
async function heard(stream: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** Resolves when the stream is gone, with an error or without. */
const gone = (stream: Duplex) => new Promise<void>((resolve) => stream.once('close', resolve));

test('bytes arrive in the pieces of the plan, in order, then the end', async () => {
  const link = new LossyLink({ ...PLAIN, pieceBytes: [1, 3], delayTurns: [1, 4] });
  link.client.write('abc');
  link.client.end('defgh');
  const chunks = await heard(link.server);
  expect(chunks.map(String)).toEqual(['a', 'bc', 'd', 'efg', 'h']);
});

test('whatever the plan, what arrives is what was sent, up to where the plan breaks it', async () => {
  const law = fc.asyncProperty(linkPlans(), fc.array(fc.uint8Array({ maxLength: 3_000 })), async (plan, chunks) => {
    const link = new LossyLink(plan);
    const sent = Buffer.concat(chunks);
    const arrived: Buffer[] = [];
    link.server.on('data', (chunk: Buffer) => arrived.push(chunk));
    const over = gone(link.server);
    for (const chunk of chunks) link.client.write(chunk);
    link.client.end();
    link.server.end();
    link.client.resume();
    await over;
    const breaks = plan.breaksAfter.client ?? Infinity;
    const bytes = Buffer.concat(arrived);
    expect([bytes.length <= Math.min(sent.length, breaks), sent.indexOf(bytes)]).toEqual([true, 0]);
    if (!link.isBroken) expect(bytes.length).toBe(sent.length);
  });
  await fc.assert(law, { numRuns: 50 });
});

test('a stalled direction carries nothing until it is released, the other one goes on', async () => {
  const link = new LossyLink(PLAIN);
  const arrived: string[] = [];
  link.server.on('data', (chunk: Buffer) => arrived.push(`to server ${chunk}`));
  link.client.on('data', (chunk: Buffer) => arrived.push(`to client ${chunk}`));
  link.stall('client');
  link.client.write('stalled');
  link.server.write('fine');
  await turns(20);
  expect(arrived).toEqual(['to client fine']);
  link.release('client');
  await turns(20);
  expect(arrived).toEqual(['to client fine', 'to server stalled']);
});

test('a reader that stops holds the writer up', async () => {
  const link = new LossyLink(PLAIN);
  let written = 0;
  const isFull = () => link.client.writableNeedDrain;
  while (!isFull() && written < 10 ** 6) {
    link.client.write(Buffer.alloc(1_000));
    written += 1_000;
    await turns(2);
  }
  expect(written).toBeLessThan(200_000);
  link.server.resume();
  await once(link.client, 'drain');
});

test('a broken link is ECONNRESET at both ends, also for what is under way', async () => {
  const link = new LossyLink({ ...PLAIN, breaksAfter: { client: 3, server: null } });
  const errors: unknown[] = [];
  for (const end of [link.client, link.server]) end.on('error', ({ code }: NodeJS.ErrnoException) => errors.push(code));
  link.server.on('data', (chunk: Buffer) => errors.push(String(chunk)));
  link.client.write('abcdef');
  await gone(link.server);
  await turns(2);
  expect([errors.sort(), link.isBroken]).toEqual([['ECONNRESET', 'ECONNRESET', 'abc'], true]);
  link.break();
});

test('an end that is destroyed in peace has still sent what it had written', async () => {
  const link = new LossyLink({ ...PLAIN, pieceBytes: [2] });
  link.client.write('written before');
  link.client.destroy();
  const arrived: Buffer[] = [];
  link.server.on('data', (chunk: Buffer) => arrived.push(chunk));
  await once(link.server, 'end');
  expect([Buffer.concat(arrived).toString(), link.isBroken]).toEqual(['written before', false]);
});

test('an end that fails breaks the link', async () => {
  const link = new LossyLink(PLAIN);
  link.client.destroy(new Error('no more'));
  await gone(link.server);
  expect(link.isBroken).toBe(true);
});

test('labels say the plan', () => {
  const [plan] = fc.sample(linkPlans(), 1);
  expect(String(plan)).toMatch(/^pieces of \d+(, \d+)* bytes, \d(, \d)* turns late/);
  const { counterexample } = fc.check(
    fc.property(linkPlans(), ({ breaksAfter }) => breaksAfter.server === null),
    { seed: 1, numRuns: 1_000 },
  );
  expect(String(counterexample?.[0])).toBe('pieces of 1 bytes, 1 turns late, broken after 1 bytes from the server');
});
