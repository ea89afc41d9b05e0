/**
 * The programs that we meet, as data.
 *
 * Knows: where each comes from, how it is started, its roles, what its API cannot do, where it leaves the RFC.
 * Does not know: what is asked of them (scenarios/).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../../src/codec/frame.js';
import { packageVersion } from './debian.js';
import { CHROMIUM, PagePuppet } from './page-puppet.js';
import { ProcessPuppet, type Puppet } from './puppet.js';

/** What not every API can do. */
export type Ability =
  | 'fragments'
  | 'pings'
  | 'a close without a code'
  | 'a connection that is cut'
  | 'a limit'
  | 'a violation'
  | 'compression'
  | 'no subprotocol in common'
  | 'the status of a refusal';

/** What a peer can be made to do wrong, and what it must be told. */
export interface Violation {
  readonly is: string;
  readonly code: string;
  readonly closeCode: number;
}

export interface Peer {
  readonly name: string;
  readonly from: string;
  readonly roles: readonly Role[];
  readonly lacks: readonly Ability[];
  readonly violation?: Violation;
  /** Where it leaves the RFC or surprises: facts that were seen. */
  readonly notes: readonly string[];
  /** Why it cannot be run on this machine, or null. */
  missing(): string | null;
  start(role: Role): Promise<Puppet>;
}

const PROGRAMS = join(__dirname, '../programs');
const PYTHON = '/usr/bin/python3';
const GORILLA = '/usr/share/gocode/src/github.com/gorilla/websocket';

/** What browsers must do, by the WebSocket standard of the WHATWG, and others have taken over; RFC 6455 §4.1 does not ask for it. */
const HANGS_UP = 'A client that offers subprotocols fails the connection when the server chooses none of them.';

const NOT_UTF8: Violation = {
  is: 'a text message that is not UTF-8 (RFC 6455 §5.6 forbids it)',
  code: 'ERR_WS_INVALID_UTF8',
  closeCode: 1007,
};
const CODE_1006: Violation = {
  is: 'a close frame with 1006 (RFC 6455 §7.4.1 forbids it)',
  code: 'ERR_WS_CLOSE_CODE_INVALID',
  closeCode: 1002,
};

const node = (program: string) => ({
  missing: () => (existsSync(join(PROGRAMS, '../node_modules')) ? null : 'run npm ci --prefix test/peers'),
  start: async (role: Role) => new ProcessPuppet(process.execPath, [join(PROGRAMS, `${program}.mjs`), role]),
});

const python = (module: string) => ({
  missing: () =>
    spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0 ? null : `apt-get install python3-${module}`,
  start: async (role: Role) => new ProcessPuppet(PYTHON, [join(PROGRAMS, `peer_${module}.py`), role]),
});

/** Built once, when first needed; Debian's packages are all that it needs. */
function gorilla(role: Role): Puppet {
  const built = join(PROGRAMS, '../node_modules/.cache/gorilla');
  if (!existsSync(built)) {
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
    execFileSync('/usr/bin/go', ['build', '-o', built, join(PROGRAMS, 'gorilla.go')], { env });
  }
  return new ProcessPuppet(built, [role, packageVersion('golang-github-gorilla-websocket-dev')]);
}

export const PEERS: readonly Peer[] = [
  {
    name: 'Chromium',
    from: 'Debian: chromium',
    roles: ['client'],
    lacks: [
      'fragments',
      'pings',
      'a connection that is cut',
      'a limit',
      'a violation',
      'the status of a refusal',
      'no subprotocol in common',
    ],
    notes: [HANGS_UP, 'A page never learns the status of a refusal: it sees 1006.'],
    missing: () => (existsSync(CHROMIUM) ? null : 'apt-get install chromium'),
    start: () => PagePuppet.start(),
  },
  {
    name: 'undici',
    from: 'npm: undici, the WebSocket of Node',
    roles: ['client'],
    lacks: [
      'fragments',
      'a connection that is cut',
      'a limit',
      'a violation',
      'the status of a refusal',
      'no subprotocol in common',
    ],
    notes: [
      HANGS_UP,
      'Pings are a function beside the class, and pongs come on a diagnostics channel only.',
      'It offers compression always, and inflates; it does not compress.',
    ],
    ...node('undici'),
  },
  {
    name: 'ws',
    from: 'npm: ws',
    roles: ['server', 'client'],
    lacks: ['no subprotocol in common'],
    violation: NOT_UTF8,
    notes: [
      HANGS_UP,
      'As a server that insists on a larger window than is offered, it refuses the handshake with 400 instead of declining the offer.',
    ],
    ...node('ws'),
  },
  {
    name: 'websocket-driver',
    from: 'npm: websocket-driver, permessage-deflate',
    roles: ['server', 'client'],
    lacks: ['fragments', 'a violation', 'a close without a code'],
    notes: [
      'Says nothing to its program when the connection ends without a close frame: watch the socket.',
      'Its `close()` without arguments sends 1000.',
    ],
    ...node('websocket-driver'),
  },
  {
    name: 'websocket',
    from: 'npm: websocket',
    roles: ['server', 'client'],
    lacks: ['a close without a code', 'compression', 'no subprotocol in common'],
    violation: CODE_1006,
    notes: [
      HANGS_UP,
      'Ends its TCP connection right behind its own close frame, before it has read the answer (RFC 6455 §7.1.1 lets the server end first).',
      'Makes up a reason, "Normal connection closure", where none was sent.',
    ],
    ...node('websocket'),
  },
  {
    name: 'websockets',
    from: 'Debian: python3-websockets',
    roles: ['server', 'client'],
    lacks: ['a close without a code'],
    violation: NOT_UTF8,
    notes: [
      'Stops reading when a message is over its limit: after its 1009 it waits for up to 20 s for an end that it does not read.',
    ],
    ...python('websockets'),
  },
  {
    name: 'aiohttp',
    from: 'Debian: python3-aiohttp',
    roles: ['server', 'client'],
    lacks: ['fragments', 'a close without a code'],
    violation: CODE_1006,
    notes: [
      'Answers every close with 1000, whatever code it was sent (RFC 6455 §5.5.1 has the code echoed as a rule).',
      'When another task is receiving, its `close()` does not wait for our answer, and `close_code` stays None.',
      'Shows pongs only to programs that answer pings themselves.',
    ],
    ...python('aiohttp'),
  },
  {
    name: 'tornado',
    from: 'Debian: python3-tornado',
    roles: ['server', 'client'],
    lacks: ['fragments'],
    violation: NOT_UTF8,
    notes: [],
    ...python('tornado'),
  },
  {
    name: 'gorilla',
    from: 'Debian: golang-github-gorilla-websocket-dev',
    roles: ['server', 'client'],
    lacks: [],
    violation: NOT_UTF8,
    notes: [],
    missing: () =>
      existsSync('/usr/bin/go') && existsSync(GORILLA)
        ? null
        : 'apt-get install golang-go golang-github-gorilla-websocket-dev',
    start: async (role) => gorilla(role),
  },
];
