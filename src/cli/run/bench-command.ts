/**
 * `framepipe bench`: how fast a server echoes, as seen from here.
 *
 * Knows: its options, progress, the summary, and to say so when this process was what was slow.
 * Does not know: how a connection is kept busy (bench-load.ts).
 */
import { cpuUsage } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import type { Latencies } from '../latencies.js';
import { bytesText, countText, latencyText, parseSize, sizeText, timeText } from '../units.js';
import { BenchLoad } from './bench-load.js';
import { addDialFlags, type DialFlags, dialOptions, urlOf } from './dial-flags.js';
import { EXIT, Failure } from './failure.js';
import { wholeNumber } from './fuzz-command.js';
import { type About, addAbout, sizeOption, timeOption } from './help.js';
import type { Life } from './life.js';
import type { Run } from './program.js';
import { StatusLine } from './status-line.js';
import { say } from './terminal.js';

interface BenchFlags extends DialFlags {
  readonly connections: number;
  readonly inFlight: number;
  readonly size: number;
  readonly duration: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const ABOUT: About = {
  text: `
The server has to echo. Each connection keeps --in-flight binary messages of
--size bytes on their way and waits for each of them to come back; latency is
from writing a message to reading its echo, queues on both sides included. The
first tenth of the time is not counted.

This client is one process on one core, on the same machine perhaps: when it was
busy all the time, the summary says so, and the numbers are those of the client.
Benchmark only servers that are yours.`.trim(),
  clean: 'the summary is on stdout',
  failed: 'nobody was there, a connection was lost, or it was no echo',
  examples: [
    'framepipe bench ws://localhost:8080',
    'framepipe bench -c 100 -i 1 --size 64 --duration 10s ws://localhost:8080',
  ],
};

const WARM_UP = 0.1;
/** The connections keep the process alive; when they are gone, no timer should. */
const UNREF = { ref: false } as const;
/** Of one core; above this the client is what was measured. */
const BUSY = 0.9;
/** What Node makes in one piece, on every version. */
const MAX_MESSAGE_BYTES = 1024 ** 3;

/** Adds the command. */
export function benchCommand(program: Command, run: Run): void {
  const command = program
    .command('bench <url>')
    .description('measure how fast a server echoes')
    .option('-c, --connections <count>', 'open so many connections', positive, 10)
    .option('-i, --in-flight <count>', 'keep so many messages under way on each', positive, 10)
    .addOption(sizeOption('--size <size>', 'make a message this large: 512, 64k', 1_024).argParser(messageSize))
    .addOption(timeOption('-d, --duration <time>', 'go on for this long: 500ms, 10s, 1m', 5_000))
    .option('--json', 'print the summary as JSON')
    .option('-q, --quiet', 'show no progress');
  addAbout(addDialFlags(command), ABOUT);
  command.action((url: string, flags: BenchFlags) => run((life) => bench(urlOf(url), flags, life)));
}

interface Summary {
  readonly seconds: number;
  readonly messages: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecondEachWay: number;
  readonly latencyMs: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** The share of one core that this process has used. */
  readonly clientCpu: number;
}

async function bench(url: string, flags: BenchFlags, life: Life): Promise<number> {
  const load = new BenchLoad(url, dialOptions(flags), flags);
  life.onStop(() => load.stop());
  const { stopped } = life;
  await load.open();
  const began = performance.now();
  const progress = new StatusLine(flags.quiet !== true, () => {
    const seconds = (performance.now() - began) / 1_000;
    const { count } = load.latencies;
    return `${seconds.toFixed(0)} s of ${timeText(flags.duration)}  ${countText(count)} messages  p50 ${latencyText(load.latencies.quantile(0.5))}`;
  });
  load.start();
  await Promise.race([wait(flags.duration * WARM_UP, undefined, UNREF), load.failed, stopped]);
  load.reset();
  const [counted, cpu] = [performance.now(), cpuUsage()];
  await Promise.race([wait(flags.duration * (1 - WARM_UP), undefined, UNREF), load.failed, stopped]);
  const ms = performance.now() - counted;
  const { user, system } = cpuUsage(cpu);
  const summary = summaryOf(load.latencies, ms, (user + system) / 1_000 / ms, flags);
  progress.end('wipe');
  await load.stop();
  if (summary.messages === 0) throw new Failure('Nothing came back in the time that is counted.');
  say(flags.json === true ? JSON.stringify({ url, ...summary }) : textOf(summary, flags));
  return EXIT.clean;
}

function summaryOf(latencies: Latencies, ms: number, clientCpu: number, { size }: BenchFlags): Summary {
  const { count: messages, mean, max } = latencies;
  const messagesPerSecond = (messages / ms) * 1_000;
  return {
    seconds: ms / 1_000,
    messages,
    messagesPerSecond,
    bytesPerSecondEachWay: messagesPerSecond * size,
    latencyMs: { mean, p50: latencies.quantile(0.5), p99: latencies.quantile(0.99), max },
    clientCpu,
  };
}

function textOf(summary: Summary, { connections, inFlight, size }: BenchFlags): string {
  const { seconds, messages, messagesPerSecond, bytesPerSecondEachWay, latencyMs, clientCpu } = summary;
  const { p50, p99, mean, max } = latencyMs;
  const times = `p50 ${latencyText(p50)}  p99 ${latencyText(p99)}  mean ${latencyText(mean)}  max ${latencyText(max)}`;
  const busy = clientCpu > BUSY ? '; it was the client that was busy, the server may be faster' : '';
  return [
    `load      ${connections} connections, ${inFlight} messages in flight on each, ${sizeText(size)} a message`,
    `echoed    ${countText(messages)} messages in ${seconds.toFixed(1)} s`,
    `rate      ${countText(messagesPerSecond)} messages/s, ${bytesText(Math.round(bytesPerSecondEachWay))}/s each way`,
    `latency   ${times}`,
    `client    ${(clientCpu * 100).toFixed(0)}% of one core${busy}`,
  ].join('\n');
}

function messageSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new UsageError(`"${text}" is too large; a message has ${sizeText(MAX_MESSAGE_BYTES)} at most.`);
  return bytes;
}

function positive(text: string): number {
  const count = wholeNumber(text);
  if (count < 1) throw new UsageError(`${text} is too few.`);
  return count;
}
