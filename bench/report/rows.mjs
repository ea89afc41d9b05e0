/**
 * What we promised to reach, row by row (issue 6).
 *
 * Knows: which figure of which suite answers a row, and the ratio that it must have.
 * Does not know: any result.
 */

/** @typedef {{ case: string, contestant: string }} Side */
/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} against
 * @property {string} suite
 * @property {string} metric
 * @property {Side} ours
 * @property {Side} theirs
 * @property {'at least' | 'at most'} sense
 * @property {number | null} required Null: reported, nothing promised.
 */

const MEBIBYTE = 1_048_576;
const NAMES = new Map([
  [1_024, '1 KiB'],
  [4_096, '4 KiB'],
  [16_384, '16 KiB'],
  [65_536, '64 KiB'],
  [262_144, '256 KiB'],
  [1_000_000, '1 MB'],
  [MEBIBYTE, '1 MiB'],
]);

/** @param {number} bytes */
export function sizeName(bytes) {
  return NAMES.get(bytes) ?? `${bytes} B`;
}

/** One case, framepipe against somebody. @type {(suite: string, id: string, what: string, against: [string, string], metric: string, sense: Row['sense'], required: number | null, ours?: string) => Row} */
function row(suite, id, what, [contestant, against], metric, sense, required, ours = 'framepipe') {
  return {
    what,
    against,
    suite,
    metric,
    ours: { case: id, contestant: ours },
    theirs: { case: id, contestant },
    sense,
    required,
  };
}

/** @type {[string, string]} */
const WS = ['ws', 'ws + bufferutil'];
/** @type {[string, string]} */
const WS_JS = ['ws-js', "ws's JavaScript"];
/** @type {[string, string]} */
const BUN = ['bun', 'Bun'];
/** @type {[string, string]} */
const BUFFERUTIL = ['bufferutil', 'bufferutil'];
/** @type {[string, string]} */
const A_FRAME = ['bufferutil', 'bufferutil, the bare call a frame'];
/** @type {[string, string]} */
const A_VIEW = ['bufferutil', 'bufferutil a frame, with a bare parser'];

const SMALL = [16, 32, 64, 125];

const UNMASK = [
  ...SMALL.map((size) =>
    row('unmask', `kernel-${size}`, `unmask ${size} B frames of a chunk`, A_FRAME, 'perSecond', 'at least', 2),
  ),
  ...SMALL.map((size) =>
    row('unmask', `decoder-${size}`, `parse and unmask ${size} B frames`, A_FRAME, 'perSecond', 'at least', null),
  ),
  ...SMALL.map((size) =>
    row('unmask', `frames-${size}`, `parse and unmask ${size} B frames`, A_VIEW, 'perSecond', 'at least', 2),
  ),
  ...[1_024, 4_096].map((size) => unmaskRow(size, BUFFERUTIL, 1)),
  ...[16_384, 65_536, 262_144, MEBIBYTE].map((size) => unmaskRow(size, BUFFERUTIL, 0.8)),
  ...[1_024, 16_384, MEBIBYTE].map((size) => unmaskRow(size, WS_JS, 10)),
];

/** @type {(size: number, against: [string, string], required: number) => Row} */
function unmaskRow(size, against, required) {
  return row('unmask', `run-${size}`, `unmask ${sizeName(size)}`, against, 'perSecond', 'at least', required);
}

const CODEC = [
  ...[16, 125, 1_024].map((size) => decodeRow(size, 3)),
  ...[16_384, 65_536, MEBIBYTE].map((size) => decodeRow(size, 1.2)),
  ...['server', 'client'].flatMap((role) => encodeRows(`encode-${role}`, role)),
  ...['server', 'client'].flatMap((role) => encodeRows(`send-${role}`, `${role}, to a socket`)),
  linear(
    'one byte of a 1 GiB message',
    'of a 64 KiB message',
    'nsPerByte',
    `linear-bytes-${1_024 * MEBIBYTE}`,
    'linear-bytes-65536',
  ),
  row(
    'codec',
    `linear-bytes-${1_024 * MEBIBYTE}`,
    'one byte of a 1 GiB message',
    ['fill', 'of a Buffer of 1 GiB, filled'],
    'nsPerByte',
    'at most',
    null,
  ),
  linear(
    'one byte of a 1 GiB message, read as a stream',
    'of a 64 KiB message',
    'nsPerByte',
    `linear-streams-${1_024 * MEBIBYTE}`,
    'linear-streams-65536',
  ),
  linear('frame number 10,000,000', 'frame number 1', 'nsPerOperation', 'linear-frames-10000000', 'linear-frames-1'),
];

/** @type {(kind: string, how: string) => Row[]} */
function encodeRows(kind, how) {
  return [16, 125, 1_024, 16_384, 65_536].map((size) =>
    row('codec', `${kind}-${size}`, `encode ${sizeName(size)}, ${how}`, WS, 'perSecond', 'at least', 2),
  );
}

/** @type {(size: number, required: number) => Row} */
function decodeRow(size, required) {
  return row('codec', `decode-${size}`, `decode ${sizeName(size)} frames`, WS, 'perSecond', 'at least', required);
}

/** Flat, with room for the caches that a large message leaves. @type {(what: string, against: string, metric: string, large: string, small: string) => Row} */
function linear(what, against, metric, large, small) {
  const side = (/** @type {string} */ id) => ({ case: id, contestant: 'framepipe' });
  return {
    what,
    against,
    suite: 'codec',
    metric,
    ours: side(large),
    theirs: side(small),
    sense: 'at most',
    required: 1.25,
  };
}

/** @type {readonly [string, string][]} */
const PIPELINED = [
  ['binary-16-1x256', 'echo 16 B × 256 in flight'],
  ['binary-125-64x16', 'echo 125 B × 64 connections × 16'],
  ['binary-1024-16x16', 'echo 1 KiB × 16 connections × 16'],
];

/** @type {readonly [string, string][]} */
const LARGE = [
  ['binary-16384-8x4', 'echo 16 KiB × 8 connections × 4'],
  ['binary-1000000-2x1', 'echo 1 MB × 2 connections × 1'],
];

/** @type {Readonly<Record<number, string>>} */
const CLIENT_LOADS = { 16: '1x256', 125: '16x16', 1024: '16x16', 65536: '4x4' };

/** @param {number} size */
function clientRow(size) {
  const id = `client-${size}-${CLIENT_LOADS[size]}`;
  return row('client', id, `echo by a client, ${sizeName(size)}`, WS, 'perSecond', 'at least', null);
}

/** The same, when a listener sees each message and writes it. @param {string} id @param {string} what @param {number} ofWs @param {number} ofBun */
function byListener(id, what, ofWs, ofBun) {
  return [
    row('echo', id, `a listener: ${what}`, WS, 'perSecond', 'at least', ofWs, 'framepipe-listener'),
    row('echo', id, `a listener: ${what}`, BUN, 'perSecond', 'at least', ofBun, 'framepipe-listener'),
  ];
}

const LOOPBACK = [
  ...PIPELINED.map(([id, what]) => row('echo', id, what, WS, 'perSecond', 'at least', 4)),
  ...PIPELINED.map(([id, what]) => row('echo', id, what, BUN, 'perSecond', 'at least', 0.8)),
  ...LARGE.map(([id, what]) => row('echo', id, what, WS, 'perSecond', 'at least', 1.5)),
  ...LARGE.map(([id, what]) => row('echo', id, what, BUN, 'perSecond', 'at least', 1.2)),
  row('echo', 'binary-16-64x1', 'echo 16 B × 64 connections × 1', WS, 'perSecond', 'at least', 1.1),
  ...PIPELINED.flatMap(([id, what]) => byListener(id, what, 4, 0.8)),
  ...LARGE.flatMap(([id, what]) => byListener(id, what, 1.5, 1.2)),
  ...[16, 125, 1_024, 65_536].map(clientRow),
  row('latency', 'round-trip-16-64', 'its latency, median', WS, 'p50Us', 'at most', null),
  row('latency', 'round-trip-16-64', 'its latency, p99', WS, 'p99Us', 'at most', 1),
  row(
    'memory',
    'idle',
    'heap of an idle connection, a listener each',
    WS,
    'heapBytes',
    'at most',
    1,
    'framepipe-listener',
  ),
  row(
    'memory',
    'idle',
    'RSS of an idle connection, a listener each',
    WS,
    'rssBytes',
    'at most',
    1,
    'framepipe-listener',
  ),
  row('memory', 'idle', 'heap of an idle connection, piped into itself', WS, 'heapBytes', 'at most', null),
  row('memory', 'idle', 'RSS of an idle connection, piped into itself', WS, 'rssBytes', 'at most', null),
  ...[
    ['a listener each', 'framepipe-listener'],
    ['piped into itself', 'framepipe'],
  ].flatMap(([how, who]) => [
    row('connect', 'handshake-32', `handshakes a second, ${how}`, WS, 'perSecond', 'at least', 1, who),
    row('connect', 'handshake-32', "a handshake's CPU time", WS, 'serverUsPerHandshake', 'at most', null, who),
  ]),
  ...PIPELINED.map(([id, what]) => row('echo', id, `stages: ${what}`, WS, 'perSecond', 'at least', 3, 'stages')),
  ...PIPELINED.map(([id, what]) =>
    row('echo', id, `stages and an app: ${what}`, WS, 'perSecond', 'at least', null, 'stages-app'),
  ),
];

/** @type {[string, string]} */
const WS_DEFLATE = ['ws-same', "ws, ws's settings"];

/** @type {[string, string]} */
const WS_TEXT = ['ws-text', 'ws, which makes it a string'];

/** @type {[string, string]} */
const WS_OURS = ['ws-ours', "ws, framepipe's defaults"];

/** Echo with one side's settings on both. @param {[string, string]} theirs @param {string} ours */
const compressedEcho = (theirs, ours) =>
  /** @type {const} */ ([
    [128, 3],
    [1_024, 3],
    [65_536, 1],
    [MEBIBYTE, 1],
  ]).flatMap(([size, required]) => [
    row(
      'deflate',
      `json-${size}`,
      `compressed echo of ${sizeName(size)} JSON`,
      theirs,
      'perSecond',
      'at least',
      required,
      ours,
    ),
    row('deflate', `json-${size}`, 'event-loop delay of it, p99', theirs, 'delayP99Ms', 'at most', 1, ours),
  ]);

/** Against a program that reads its texts. Nothing is promised. @type {(size: number, metric: string, what: string) => Row} */
const readEcho = (size, metric, what) =>
  row('deflate', `json-${size}`, what, WS_TEXT, metric, 'at most', null, 'framepipe-same');

/** @type {(theirs: [string, string], required: number, ours: string, what: string) => ReturnType<typeof row>} */
const compressedCrowd = (theirs, required, ours, what) =>
  row('deflate', 'crowd', `RSS after one compressed exchange, ${what}`, theirs, 'rssBytes', 'at most', required, ours);

const DEFLATE = [
  ...compressedEcho(WS_DEFLATE, 'framepipe-same'),
  ...[65_536, MEBIBYTE].flatMap((size) => [
    readEcho(size, 'perSecond', `compressed echo of ${sizeName(size)} JSON`),
    readEcho(size, 'delayP99Ms', 'event-loop delay of it, p99'),
  ]),
  ...compressedEcho(WS_OURS, 'framepipe-default'),
  compressedCrowd(['ws-default', 'ws, its defaults'], 0.25, 'framepipe-default', 'our defaults'),
  compressedCrowd(['framepipe-plain', 'uncompressed'], 2, 'framepipe-none-kept', 'the shared compressor'),
];

/** @type {readonly [string, string][]} */
const KEEPING = [
  ['binary-1024-16x16', 'echo 1 KiB × 16 connections × 16'],
  ['binary-16384-8x4', 'echo 16 KiB × 8 connections × 4'],
  ['binary-65536-4x4', 'echo 64 KiB × 4 connections × 4'],
  ['binary-1000000-2x1', 'echo 1 MB × 2 connections × 1'],
];

const ALLOCATOR = KEEPING.flatMap(([id, what]) => [
  row(
    'allocator',
    id,
    what,
    ['ws-keeping', 'ws, malloc told to keep memory'],
    'perSecond',
    'at least',
    null,
    'framepipe-listener',
  ),
  row(
    'allocator',
    id,
    'the same',
    ['framepipe-listener-giving-back', 'malloc told to give it back'],
    'perSecond',
    'at least',
    null,
    'framepipe-listener',
  ),
]);

/** @type {[string, string]} */
const WS_LOOP = ['ws', "ws, its README's loop"];
/** @type {[string, string]} */
const WS_LOOP_DEFLATE = ['ws-deflate', 'the same, compressed'];

/** @type {(id: string, what: string, required: number | null) => Row} */
const feed = (id, what, required) => row('broadcast', id, what, WS_LOOP, 'perSecond', 'at least', required);
/** @type {(id: string, what: string, required: number | null) => Row} */
const compressedFeed = (id, what, required) =>
  row('broadcast', id, what, WS_LOOP_DEFLATE, 'perSecond', 'at least', required, 'framepipe-deflate');
/** @type {(metric: string, what: string) => Row} */
const crowd = (metric, what) =>
  row('broadcast', 'binary-1024-10000x1', `${what} with 10,000 clients`, WS_LOOP, metric, 'at most', null);

const BROADCAST = [
  feed('binary-1024-5000-sustained', '1 KiB to 5,000 clients, a message each turn', 3),
  feed('text-1024-5000-sustained', 'the same as text', 3),
  compressedFeed('deflate-1024-5000-sustained', 'the same, compressed', 10),
  feed('binary-1024-5000x16', '1 KiB to 5,000 clients, 16 at a time', 3),
  feed('text-1024-5000x16', 'the same as text', 3),
  compressedFeed('deflate-1024-5000x16', 'the same, compressed', 10),
  feed('binary-1024-5000x1', '1 KiB to 5,000 clients, the next when all have it', null),
  feed('text-1024-5000x1', 'the same as text', null),
  compressedFeed('deflate-1024-5000x1', 'the same, compressed', null),
  crowd('spreadMs', 'from the first client to the last, one message'),
  crowd('serverUsPerDelivery', 'CPU time of a delivery, one message'),
  crowd('delayP99Ms', 'event-loop delay, p99, one message'),
  row(
    'broadcast',
    'stalled-200',
    'RSS for each stalled client, a tenth of 200',
    WS_LOOP,
    'rssBytes',
    'at most',
    1,
    'framepipe-drop-oldest',
  ),
];

/** @type {[string, string]} */
const ALL_READ = ['all-read', 'all 1,000 are read'];
/** @type {[string, string]} */
const OVER_HTTP1 = ['http1', 'HTTP/1.1'];

const HTTP2 = [
  ...[1_024, 16_384].map((size) =>
    row(
      'http2',
      `neighbours-${size}-999`,
      `echo ${sizeName(size)} × 999 on one session, with one more that is not read`,
      ALL_READ,
      'perSecond',
      'at least',
      null,
      'one-stopped',
    ),
  ),
  ...[1_024, 16_384].map((size) =>
    row(
      'http2',
      `neighbours-${size}-999`,
      `CPU time of the server for it, ${sizeName(size)}`,
      ALL_READ,
      'serverUsPerMessage',
      'at most',
      null,
      'one-stopped',
    ),
  ),
  ...['heapBytes', 'rssBytes'].flatMap((metric) => [
    memoryRow('2,000 on one HTTP/2 session', metric, 'one-session'),
    memoryRow('2,000 on an HTTP/2 session each', metric, 'session-each'),
  ]),
];

/** @type {(what: string, metric: string, ours: string) => Row} */
function memoryRow(what, metric, ours) {
  const name = metric === 'heapBytes' ? 'heap' : 'RSS';
  return row('http2', 'idle', `${name} of an idle connection, ${what}`, OVER_HTTP1, metric, 'at most', null, ours);
}

/** @type {readonly Row[]} */
export const ROWS = [...UNMASK, ...CODEC, ...LOOPBACK, ...DEFLATE, ...BROADCAST, ...HTTP2, ...ALLOCATOR];
