/**
 * What `serve` needs for TLS: the user's certificate and key, or a pair that lives as long as the process.
 *
 * Knows: the flags, that selfsigned is an optional peer, what the certificate says.
 * Does not know: servers.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Secrets } from '../../demo/front.js';
import { UsageError } from '../../errors.js';
import { Failure } from './failure.js';

/** Options about TLS. */
export interface TlsFlags {
  readonly tls?: boolean;
  readonly http2?: boolean;
  readonly cert?: string;
  readonly key?: string;
}

const DAY_MS = 86_400_000;
/** From an hour ago, as clocks differ. */
const VALID_MS = { before: 3_600_000, after: 3 * DAY_MS } as const;

/** Null without TLS. Rejects with a UsageError for flags that do not go together or files that hold no such thing. */
export async function secretsOf({ tls, http2, cert, key }: TlsFlags): Promise<Secrets | null> {
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together.');
  if (cert !== undefined && key !== undefined) return fromFiles(cert, key);
  return tls === true || http2 === true ? throwAway() : null;
}

function fromFiles(certFile: string, keyFile: string): Secrets {
  const secrets = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  try {
    createSecureContext(secrets);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${certFile} and ${keyFile} are no certificate and its key in PEM: ${why}`);
  }
  return secrets;
}

/** For this machine's names only, and never written to disk. */
async function throwAway(): Promise<Secrets> {
  const { generate } = await selfsigned();
  const now = Date.now();
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - VALID_MS.before),
    notAfterDate: new Date(now + VALID_MS.after),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
}

/** Who has certificates need not install what makes them. */
async function selfsigned(): Promise<typeof import('selfsigned')> {
  try {
    return await import('selfsigned');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Failure(
      '--tls needs the package selfsigned (npm install selfsigned, or npx -p framepipe -p selfsigned …), or --cert and --key.',
    );
  }
}
