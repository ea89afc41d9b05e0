/**
 * Reverse proxies between a client and our server, as data.
 *
 * Knows: the smallest configuration with which each passes WebSockets on, how to start it on a free port and end it by id.
 * Does not know: what is sent through it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';

export interface ProxySettings {
  /** From the proxy's port and our server's. */
  readonly listen: number;
  readonly upstream: number;
  /** Seconds without a byte until the proxy cuts the connection. */
  readonly idleSeconds: number;
}

export interface Proxy {
  readonly name: string;
  readonly from: string;
  readonly command: string;
  readonly args: (folder: string) => readonly string[];
  readonly versionFlag: string;
  readonly notes: readonly string[];
  configuration(settings: ProxySettings, folder: string): string;
}

export interface RunningProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/** `/default/` leaves Host to nginx, which then names the upstream; everything else passes Host on. */
const nginx: Proxy = {
  name: 'nginx',
  from: 'Debian: nginx-light',
  command: '/usr/sbin/nginx',
  versionFlag: '-v',
  args: (folder) => ['-p', folder, '-c', join(folder, 'proxy.conf'), '-e', 'stderr'],
  notes: [
    'Needs `proxy_http_version 1.1`, and `Upgrade` and `Connection` set by hand.',
    "Needs `proxy_set_header Host $http_host`: without it Host is the upstream's, and `origins: 'same'` refuses every page with 403. Or list the public origins.",
    'Cuts a connection after `proxy_read_timeout` (60 s by default) without a byte; `keepAlive`, on at either end, keeps it by a ping every 30 to 45 s.',
  ],
  configuration: ({ listen, upstream, idleSeconds }, folder) => `
    daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      scgi_temp_path ${folder}; uwsgi_temp_path ${folder};
      proxy_http_version 1.1; proxy_read_timeout ${idleSeconds}s; proxy_send_timeout ${idleSeconds}s;
      server {
        listen 127.0.0.1:${listen};
        location / {
          proxy_pass http://127.0.0.1:${upstream};
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
        }
        location /default/ {
          proxy_pass http://127.0.0.1:${upstream};
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
        }
      }
    }`,
};

const haproxy: Proxy = {
  name: 'HAProxy',
  from: 'Debian: haproxy',
  command: '/usr/sbin/haproxy',
  versionFlag: '-v',
  args: (folder) => ['-db', '-f', join(folder, 'proxy.conf')],
  notes: [
    "Passes upgrades and Host on by itself, so `origins: 'same'` works as it is.",
    'Cuts a connection after `timeout tunnel`, or `timeout client` and `timeout server` without it, without a byte; `keepAlive` keeps it as well.',
  ],
  configuration: ({ listen, upstream, idleSeconds }) => `
defaults
  mode http
  timeout connect 5s
  timeout client ${idleSeconds}s
  timeout server ${idleSeconds}s
  timeout tunnel ${idleSeconds}s
frontend public
  bind 127.0.0.1:${listen}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  default_backend ours
backend ours
  server ours 127.0.0.1:${upstream}
`,
};

export const PROXIES: readonly Proxy[] = [nginx, haproxy];

/** Why a program cannot be run here, or null. */
export function missing({ command, from }: Pick<Proxy, 'command' | 'from'>): string | null {
  return existsSync(command) ? null : from.replace('Debian: ', 'apt-get install ');
}

/** The first number with dots that the program says about itself, on stdout or stderr. */
export function versionOf(command: string, flag: string): string {
  const said = execFileSync('/bin/sh', ['-c', '"$0" "$1" 2>&1', command, flag], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(said)?.[0] ?? '';
}

/** Starts `command` and resolves when its port answers. */
export async function startOnFreePort(
  command: string,
  configuration: (port: number, folder: string) => string,
  args: (folder: string, port: number) => readonly string[],
): Promise<RunningProxy> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'framepipe-proxy-'));
  writeFileSync(join(folder, 'proxy.conf'), configuration(port, folder));
  const program = spawn(command, args(folder, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(program, 'close');
  let complaints = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  while (!(await answers(port))) {
    if (program.exitCode !== null) throw new Error(`${command} has ended.\n${complaints}`);
    await delay(5);
  }
  return {
    port,
    async stop() {
      program.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

export function start(proxy: Proxy, upstream: number, idleSeconds = 60): Promise<RunningProxy> {
  const configuration = (listen: number, folder: string) =>
    proxy.configuration({ listen, upstream, idleSeconds }, folder);
  return startOnFreePort(proxy.command, configuration, proxy.args);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}
