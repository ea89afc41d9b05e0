/**
 * Which way to drive DEFLATE: µs of CPU a message, for each candidate, with context takeover on both sides.
 *
 * Knows: the candidates, run in turn within each round so that a noisy neighbour hits all of them alike; the figure is
 * the median round.
 * Does not know: framepipe. Packages that are not installed are left out: `npm i --no-save minizlib fflate pako`.
 * Run: node bench/deflate-engines.mjs
 */
import zlib from 'node:zlib';

const { Z_SYNC_FLUSH } = zlib.constants;
const ROUNDS = 9;
const BYTES_A_ROUND = 400_000;
const SLAB = Buffer.allocUnsafeSlow(4 * 1024 * 1024);
const optional = (name) => import(name).catch(() => null);

/** JSON as services send it: the same keys, changing values. */
function messagesOf(size) {
  return Array.from({ length: Math.max(4, Math.min(64, Math.ceil(BYTES_A_ROUND / size))) }, (_, at) => {
    let text = '';
    for (let i = 0; text.length < size; i++) {
      const id = (at * 2_654_435_761 + i * 40_503) % 1_000_003;
      text += `{"id":${id},"user":"u${id % 977}","price":${(id % 10_007) / 100},"side":"${id % 3 ? 'buy' : 'sell'}","ok":true}`;
    }
    return Buffer.from(text.slice(0, size));
  });
}

/** The native handle, called with our own output memory. */
function direct(kind) {
  const stream =
    kind === 'deflate' ? zlib.createDeflateRaw({ chunkSize: 64 }) : zlib.createInflateRaw({ chunkSize: 64 });
  const handle = stream._handle;
  return (bytes) => {
    handle.writeSync(Z_SYNC_FLUSH, bytes, 0, bytes.length, SLAB, 0, SLAB.length);
    return Buffer.from(SLAB.subarray(0, SLAB.length - stream._writeState[0]));
  };
}

/** `_processChunk`, kept from closing the handle after each call. */
function processChunk(kind) {
  const stream = kind === 'deflate' ? zlib.createDeflateRaw() : zlib.createInflateRaw();
  const handle = stream._handle;
  const close = handle.close;
  return (bytes) => {
    handle.close = () => {};
    const out = Buffer.from(stream._processChunk(bytes, Z_SYNC_FLUSH));
    stream._handle = handle;
    handle.close = close;
    stream.removeAllListeners('error');
    return out;
  };
}

/** Node's stream, a flush and a hop to the thread pool a message: what ws does. */
function asynchronous(kind) {
  const stream = kind === 'deflate' ? zlib.createDeflateRaw() : zlib.createInflateRaw();
  let chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return (bytes) =>
    new Promise((resolve) => {
      stream.write(bytes);
      stream.flush(Z_SYNC_FLUSH, () => {
        resolve(Buffer.concat(chunks));
        chunks = [];
      });
    });
}

/** The public synchronous calls, a context a message, primed with what came before. */
function oneShot(kind) {
  let history = Buffer.alloc(0);
  return (bytes) => {
    const options = { finishFlush: Z_SYNC_FLUSH, ...(history.length > 0 ? { dictionary: history } : {}) };
    const out = kind === 'deflate' ? zlib.deflateRawSync(bytes, options) : zlib.inflateRawSync(bytes, options);
    history = Buffer.concat([history, kind === 'deflate' ? bytes : out]).subarray(-32_768);
    return out;
  };
}

async function candidates() {
  const [minizlib, fflate, pako] = await Promise.all(['minizlib', 'fflate', 'pako'].map(optional));
  const all = { direct, 'Node stream': asynchronous, 'zlib.*RawSync + dictionary': oneShot, processChunk };
  if (minizlib !== null) all.minizlib = (kind) => throughMinizlib(minizlib, kind);
  if (fflate !== null) all.fflate = (kind) => throughFflate(fflate, kind);
  if (pako !== null) all.pako = (kind) => throughPako(pako.default ?? pako, kind);
  return all;
}

function throughMinizlib({ DeflateRaw, InflateRaw }, kind) {
  const stream = kind === 'deflate' ? new DeflateRaw({ flush: Z_SYNC_FLUSH }) : new InflateRaw({ flush: Z_SYNC_FLUSH });
  let chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return (bytes) => {
    chunks = [];
    stream.write(bytes);
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  };
}

/** fflate in its streaming form, which has a flush like zlib's. */
function throughFflate({ Deflate, Inflate }, kind) {
  let chunks = [];
  const stream = kind === 'deflate' ? new Deflate({ level: 6 }) : new Inflate();
  stream.ondata = (chunk) => chunks.push(Buffer.from(chunk));
  return (bytes) => {
    chunks = [];
    stream.push(bytes, false);
    if (kind === 'deflate') stream.flush(true);
    return Buffer.concat(chunks);
  };
}

function throughPako({ Deflate, Inflate }, kind) {
  let chunks = [];
  const stream = kind === 'deflate' ? new Deflate({ raw: true }) : new Inflate({ raw: true });
  stream.onData = (chunk) => chunks.push(Buffer.from(chunk));
  return (bytes) => {
    chunks = [];
    stream.push(bytes, 2);
    return Buffer.concat(chunks);
  };
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

async function cpuMicroseconds(messages, run) {
  const before = process.cpuUsage();
  for (const message of messages) await run(message);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / messages.length;
}

async function compare(size, kind, engines) {
  const compress = direct('deflate');
  const messages = messagesOf(size);
  const inputs = () => (kind === 'deflate' ? messages : messages.map(compress));
  const runs = Object.entries(engines).map(([name, make]) => ({ name, run: make(kind), figures: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    const batch = Array.from({ length: Math.max(1, Math.ceil(BYTES_A_ROUND / size / messages.length)) }, inputs).flat();
    for (const one of runs) {
      if (one.failed) continue;
      await cpuMicroseconds(batch, one.run).then(
        (figure) => one.figures.push(figure),
        (error) => {
          one.failed = error.message;
        },
      );
    }
  }
  const row = runs.map(({ name, figures, failed }) => `${name} ${failed ?? median(figures).toFixed(1)}`);
  console.log(`| ${kind} | ${size} | ${row.join(' | ')} |`);
}

console.log(`Node ${process.version}, µs of CPU a message, median of ${ROUNDS} interleaved rounds.`);
const engines = await candidates();
for (const size of [128, 1_024, 16_384, 1_048_576]) {
  for (const kind of ['deflate', 'inflate']) await compare(size, kind, engines);
}
process.exit();
