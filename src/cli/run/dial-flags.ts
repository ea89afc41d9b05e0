/**
 * The options of every command that connects to a WebSocket.
 *
 * Knows: their names, and how they become options of `connect`.
 * Does not know: what is done with the connection.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import type { DialOptions } from '../../handshake/stream/dial.js';
import { Failure } from './failure.js';
import { each, timeOption } from './help.js';

/** As they come from the command line. */
export interface DialFlags {
  readonly header?: readonly string[];
  readonly subprotocol?: readonly string[];
  readonly origin?: string;
  readonly auth?: string;
  readonly insecure?: boolean;
  readonly ca?: string;
  readonly timeout: number;
  readonly redirects?: boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Adds the options to a command. */
export function addDialFlags(command: Command): Command {
  return command
    .optionsGroup('Options of the connection:')
    .option('-s, --subprotocol <name>', 'offer a subprotocol; may be repeated', each)
    .option('-H, --header <line>', 'send a header field, "Name: value"; may be repeated', each)
    .option('-o, --origin <origin>', 'send an Origin field')
    .option('-a, --auth <user:password>', 'send Basic credentials')
    .option('--ca <file>', 'trust the certificates in this PEM file')
    .option('-k, --insecure', 'accept any certificate')
    .option('--redirects', 'follow redirects')
    .addOption(timeOption('--timeout <time>', 'give the handshake up after this time', DEFAULT_TIMEOUT_MS));
}

/** What `connect` and `dial` take. Throws a UsageError for a malformed option, a Failure for a file that is not there. */
export function dialOptions(flags: DialFlags): DialOptions {
  const { origin, insecure, ca, timeout, redirects } = flags;
  return {
    headers: headersOf(flags),
    subprotocols: flags.subprotocol,
    origin,
    handshakeTimeoutMs: timeout,
    followRedirects: redirects === true,
    tls: {
      ...(insecure === true ? { rejectUnauthorized: false } : {}),
      ...(ca === undefined ? {} : { ca: fileOf(ca) }),
    },
  };
}

/**
 * The URL, or the UsageError that says what was probably meant: a URL parser takes `localhost:8080` for a scheme.
 */
export function urlOf(text: string): string {
  if (/^[a-z][a-z0-9+]*:\/\//i.test(text) || text.includes('+unix:')) return text;
  const guess = text.startsWith(':') ? `localhost${text}` : text;
  throw new UsageError(`"${text}" is no URL. Did you mean ws://${guess}?`);
}

function headersOf({ header = [], auth }: DialFlags): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const line of header) {
    const [, name = '', value = ''] = /^([^:\s]+)\s*:\s*(.*)$/s.exec(line) ?? [];
    if (name === '') throw new UsageError(`"${line}" is no header field; "Name: value" is.`);
    const before = headers[name];
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  if (auth === undefined) return headers;
  if (!auth.includes(':')) throw new UsageError('--auth is user:password.');
  return { ...headers, Authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
}

function fileOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(`--ca: ${(error as Error).message}`, 2);
  }
}
