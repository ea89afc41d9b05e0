/**
 * A chat on several server processes: NATS between them, nginx in front of them, all started by this command.
 *
 *     node examples/chat-cluster/start.mjs              three servers behind nginx, on PORT (8080)
 *     node examples/chat-cluster/start.mjs --cluster    a worker for each core by node:cluster, which share the port
 *
 * SERVERS says how many. Ctrl-C ends everything.
 */
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nginxConfig } from './nginx-config.mjs';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));
const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url));
const isCluster = process.argv.includes('--cluster');
const count = Number(process.env.SERVERS ?? (isCluster ? availableParallelism() : 3));
const children = [];

/** The binary of that name, or the end of this program, with a word on what to do. */
function find(name, debianPackage) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const one of folders) {
    try {
      accessSync(join(one, name), constants.X_OK);
      return join(one, name);
    } catch {
      // Not here.
    }
  }
  console.error(`${name} is missing. On Debian: apt-get install ${debianPackage}`);
  process.exit(1);
}

async function portFor(wanted) {
  const server = createServer().listen(Number(wanted), '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a program and waits until it says that it is ready. `env` is for its keeper.mjs. */
async function start(command, args, ready, env = {}) {
  // Behind a keeper.mjs: these programs do not look after who has started them, so a SIGKILL would leave them behind.
  const child = fork(KEEPER, [command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  let said = '';
  child.on('exit', (code) => {
    if (!isEnding) end(`${command} ended (${code}): ${said.slice(-500)}`);
  });
  const isReady = new Promise((resolve) => {
    child.stderr.on('data', (bytes) => {
      said += bytes;
      if (ready.test(said)) resolve();
    });
  });
  await isReady;
}

let isEnding = false;

async function end(why) {
  if (isEnding) return;
  isEnding = true;
  if (why !== undefined) console.error(why);
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  const ended = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ended);
  process.exit(why === undefined ? 0 : 1);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end());

const natsServer = find('nats-server', 'nats-server');
const nginx = isCluster ? null : find('nginx', 'nginx-light');
const natsPort = await portFor(0);
const port = await portFor(process.env.PORT ?? 8080);
await start(natsServer, ['-a', '127.0.0.1', '-p', `${natsPort}`], /Server is ready/);

const ports = await Promise.all(
  Array.from({ length: count }, async (_, at) => {
    const env = { NATS: `127.0.0.1:${natsPort}`, NAME: `server ${at + 1}`, PORT: isCluster ? `${port}` : '0' };
    if (isCluster) cluster.setupPrimary({ exec: SERVER, silent: true });
    const child = isCluster
      ? cluster.fork(env).process
      : fork(SERVER, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(child);
    child.on('exit', (code) => {
      if (!isEnding) end(`${env.NAME} ended (${code}).`);
    });
    for (;;) {
      const [message] = await once(child, 'message');
      if (message.port !== undefined && message.cmd === undefined) return message.port;
    }
  }),
);

if (nginx !== null) {
  const folder = mkdtempSync(join(tmpdir(), 'chat-cluster-'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig({ port, ports, folder }));
  const args = ['-p', folder, '-c', config, '-e', 'stderr', '-g', 'daemon off;'];
  await start(nginx, args, /start worker process/, { FOLDER: folder });
}
console.log(`Chat: http://localhost:${port} (${count} servers${isCluster ? ', node:cluster' : ' behind nginx'})`);
