/**
 * Lets a page say `listen(8080)` and `connect('ws://localhost:8080')`, and still run anywhere, next to anything.
 *
 * Knows: how to turn a TCP port into a local socket in a folder, on both ends. Port 0 stays a real port,
 * which the same process may connect to.
 * Does not know: who listens. A program that connects to a port which nobody has opened here is refused, as it should be.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';

/** Processes that are to meet are given the same folder, by whoever starts them and removes it. */
const folder = process.env.VIRTUAL_PORTS ?? ownFolder();

function ownFolder() {
  const path = mkdtempSync(join(tmpdir(), 'ports-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

const isWindows = process.platform === 'win32';
const socketOf = (port) =>
  isWindows ? `\\\\.\\pipe\\${folder.replaceAll('\\', '-')}-${port}` : join(folder, `${port}`);

/** The options that net itself makes of (port, host), of (options), or of the pair that it passes on internally. */
function optionsOf([first, second]) {
  if (Array.isArray(first)) return first[0];
  if (typeof first === 'object' && first !== null) return first;
  return /^\d+$/.test(String(first))
    ? { port: Number(first), host: typeof second === 'string' ? second : undefined }
    : null;
}

/** The callback stands last, or last in the internal pair. */
function callbackOf(args) {
  const list = Array.isArray(args[0]) ? args[0] : args;
  return list.findLast((one) => typeof one === 'function');
}

const address = net.Server.prototype.address;
/** Ports that the system has chosen for servers of this process. */
const real = new Set();

for (const [owner, method] of [
  [net.Server.prototype, 'listen'],
  [net.Socket.prototype, 'connect'],
]) {
  const original = owner[method];
  owner[method] = function virtual(...args) {
    const port = Number(optionsOf(args)?.port ?? 0);
    if (port === 0 && method === 'listen') this.once('listening', () => real.add(address.call(this)?.port));
    if (port === 0 || (method === 'connect' && real.has(port))) return original.apply(this, args);
    const callback = callbackOf(args);
    return original.call(this, { path: socketOf(port) }, ...(callback === undefined ? [] : [callback]));
  };
}

// Who listens on a port is told that port.
net.Server.prototype.address = function virtual() {
  const where = address.call(this);
  if (typeof where !== 'string' || !where.startsWith(folder)) return where;
  return { address: '127.0.0.1', family: 'IPv4', port: Number(/\d+$/.exec(where)?.[0]) };
};

// A TLS socket makes its handle before it connects, so it has to be told of the path at once.
const secure = tls.connect;
tls.connect = function virtual(...args) {
  const given = args.findLast((one) => typeof one === 'object' && one !== null) ?? {};
  const options = { ...given, ...optionsOf(args) };
  const port = Number(options.port ?? 0);
  if (port === 0 || options.socket !== undefined) return secure.apply(this, args);
  const servername = options.servername ?? options.host;
  return secure.call(this, { ...options, servername, path: socketOf(port) }, callbackOf(args));
};
