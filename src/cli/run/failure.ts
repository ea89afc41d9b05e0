/**
 * What a user reads when something goes wrong, and the exit code that goes with it: never a stack trace.
 *
 * Knows: the errors of the library, of Node and of the parser of arguments.
 * Does not know: which command failed.
 */
import { CommanderError } from 'commander';
import { UsageError, WebSocketError } from '../../errors.js';
import { safeText } from '../terminal-text.js';

export const EXIT = { clean: 0, failed: 1, usage: 2 } as const;

type SystemError = NodeJS.ErrnoException & { readonly port?: number; readonly address?: string };

/** A failure that has been put into words already. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The sentence for stderr, or null when it has been printed, and the exit code. */
export function describe(error: unknown): { says: string | null; exitCode: number } {
  if (error instanceof CommanderError) return { says: null, exitCode: error.exitCode === 0 ? EXIT.clean : EXIT.usage };
  if (error instanceof Failure) return { says: error.message, exitCode: error.exitCode };
  if (error instanceof UsageError) return { says: safeText(error.message), exitCode: EXIT.usage };
  if (error instanceof WebSocketError && speaksNoTls(error))
    return {
      says: 'The server answers, but not with TLS; perhaps the URL is to begin with ws:.',
      exitCode: EXIT.failed,
    };
  if (error instanceof WebSocketError) return { says: safeText(error.message), exitCode: EXIT.failed };
  if (error instanceof Error && 'code' in error)
    return { says: sentenceOf(error as SystemError), exitCode: EXIT.failed };
  return { says: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: EXIT.failed };
}

/** OpenSSL says it in a line of which a person can use three words. */
function speaksNoTls({ cause }: WebSocketError): boolean {
  return cause instanceof Error && /EPROTO.*(?:wrong version number|packet length too long)/s.test(cause.message);
}

function sentenceOf(error: SystemError): string {
  const { code, path, port, address } = error;
  const where = address === undefined ? `port ${port}` : `${address}:${port}`;
  if (code === 'ENOENT' && path !== undefined) return `There is no ${path}.`;
  if (code === 'EACCES' && path !== undefined) return `${path} may not be opened.`;
  if (code === 'EISDIR') return `${path ?? 'The input'} is a directory.`;
  if (code === 'ECONNREFUSED') return `Nobody listens on ${where}.`;
  return safeText(error.message);
}
