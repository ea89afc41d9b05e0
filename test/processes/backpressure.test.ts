/**
 * Memory under a reader that does not read, in real processes.
 *
 * FRAMEPIPE_STALL_SECONDS says for how long it does not read (default 5); FRAMEPIPE_FIGURES=1 prints what was measured.
 */
import { setTimeout as after } from 'node:timers/promises';
import { BY_ITSELF, type Child, Children, ends } from './support/child.js';
import { FLAT_BYTES, figure, inMebibytes, kernelBytes, MEBIBYTE } from './support/figures.js';

const { FRAMEPIPE_STALL_SECONDS = '5' } = process.env;
const SECONDS = Number(FRAMEPIPE_STALL_SECONDS);

/** The default of maxBufferedBytes, in both processes. */
const MAX_BUFFERED_BYTES = 17 * MEBIBYTE;

const TINY = { size: 16, name: '16 B' } as const;
const HUGE = { size: 8 * MEBIBYTE, name: '8 MiB' } as const;
const VARIANTS = [
  { from: 'client', http: '1.1', style: 'pipeline', ...TINY },
  { from: 'server', http: '1.1', style: 'pipeline', ...TINY },
  { from: 'client', http: '1.1', style: 'pipeline', ...HUGE },
  { from: 'server', http: '1.1', style: 'pipeline', ...HUGE },
  { from: 'client', http: '1.1', style: 'write', ...HUGE },
  { from: 'server', http: '1.1', style: 'write', ...TINY },
  { from: 'client', http: '2', style: 'pipeline', ...TINY },
  { from: 'server', http: '2', style: 'pipeline', ...TINY },
  { from: 'client', http: '2', style: 'write', ...HUGE },
  { from: 'server', http: '2', style: 'pipeline', ...HUGE },
] as const;
type Variant = (typeof VARIANTS)[number];

interface Sent {
  readonly growth: number;
  readonly produced: number;
  readonly bufferedBytes: number;
}

const children = new Children();
let runs: Map<Variant, ReturnType<typeof run>>;

// All at once: what takes its time here is waiting.
beforeAll(
  async () => {
    runs = new Map(VARIANTS.map((variant) => [variant, run(variant)]));
    await Promise.allSettled(runs.values());
  },
  (SECONDS + 60) * 1000,
);

afterAll(() => children.end());

describe.each(VARIANTS)('a $from that sends messages of $name for ever over HTTP/$http ($style)', (variant) => {
  const { size, from, http, style, name } = variant;
  const label = `${name} ${from} HTTP/${http} ${style}`;
  const result = () => runs.get(variant) as ReturnType<typeof run>;

  test('neither process grows while nobody reads', async () => {
    const { sent, read } = await result();
    figure(`${label}, ${SECONDS} s: sender +${inMebibytes(sent.growth)}, reader +${inMebibytes(read)}`);
    expect(sent.growth).toBeLessThan(FLAT_BYTES);
    expect(read).toBeLessThan(FLAT_BYTES);
  });

  test('write returns false within maxBufferedBytes, the kernel’s buffers and one message', async () => {
    const { sent } = await result();
    figure(`${label}: ${sent.produced} messages written, ${inMebibytes(sent.bufferedBytes)} held`);
    expect(sent.bufferedBytes).toBeLessThan(MAX_BUFFERED_BYTES + size + 128);
    expect(sent.produced * size).toBeLessThan(MAX_BUFFERED_BYTES + kernelBytes() + 2 * size);
  });

  test('once somebody reads, every message comes, in order, and both processes end', async () => {
    const { done, got, exits } = await result();
    expect(got).toEqual({ received: done.produced, closeCode: 1000 });
    expect(done.closeCode).toBe(1000);
    expect(exits).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});

/** A stall of SECONDS, then everything is read, and more than was held. */
async function run({ from, http, size, style }: Variant) {
  const to = from === 'client' ? 'server' : 'client';
  const held = MAX_BUFFERED_BYTES + kernelBytes();
  const enough = size === TINY.size ? Math.ceil(held / (size + 16)) : Math.ceil((2 * held) / size);
  const sender = children.start('endless-sender', { args: [from, http, size, style] });
  const reader = children.start('stubborn-reader', { args: [to, http, size, enough] });
  const [server, client] = from === 'client' ? [reader, sender] : [sender, reader];
  client.tell('port', await server.heard('port'));
  await Promise.all([sender.heard('open'), reader.heard('open')]);
  // Time is what is tested here: nothing may happen in it.
  await after(SECONDS * 1000);
  const sent = await figuresOf(sender);
  reader.tell('resume');
  const read = (await reader.heard<{ growth: number }>('figures')).growth;
  await reader.heard('reading');
  sender.tell('finish');
  const done = await sender.heard<{ produced: number; closeCode: number }>('done');
  const got = await reader.heard<{ received: number; closeCode: number }>('done');
  return { sent, read, done, got, exits: await ends(sender, reader) };
}

function figuresOf(sender: Child): Promise<Sent> {
  sender.tell('figures');
  return sender.heard<Sent>('figures');
}
