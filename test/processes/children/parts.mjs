/**
 * The parts that one end of a connection can play, each with the options that it needs.
 *
 * Knows: what a program does with its WebSocket. An outcome's codes are those of the errors that `pipeline` rejected
 * with, null for a pipeline that resolved.
 * Does not know: which side it is on, or what the other end does.
 */
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { report, told } from './parent.mjs';

const MEBIBYTE = 1024 * 1024;

/** The code of a pipeline's error, or null. */
const codeOf = (ending) =>
  ending.then(
    () => null,
    (error) => error.code ?? error.message,
  );

/** Throws everything away. */
const nowhere = () => new Writable({ objectMode: true, write: (_chunk, _encoding, done) => done() });

/** Reads to the end. */
async function listen(ws) {
  report('listening');
  return { reading: await codeOf(pipeline(ws, nowhere())) };
}

/** Reads to the end, and writes from a source that goes on until the connection is over. */
async function converse(ws) {
  const source = new PassThrough({ objectMode: true });
  source.write('hello');
  const [writing, reading] = await Promise.all([codeOf(pipeline(source, ws)), codeOf(pipeline(ws, nowhere()))]);
  return { writing, reading };
}

/** Reads to the end and counts, in order. */
async function count(ws) {
  let messages = 0;
  for await (const message of ws) {
    if (message.readUInt32BE() !== messages) throw new Error(`Not message ${messages}.`);
    messages++;
  }
  return { messages };
}

/** Reads the first piece of a message, says so, and reads on when it is told to. */
async function readPiece(ws) {
  const [message] = await once(ws, 'data');
  const [piece] = await once(message, 'data');
  message.pause();
  report('first piece', piece.length > 0);
  const source = new PassThrough({ objectMode: true });
  const endings = [pipeline(ws, nowhere()), pipeline(message, nowhere()), pipeline(source, ws)].map(codeOf);
  await told('go on');
  const [reading, message_, writing] = await Promise.all(endings);
  return { reading, message: message_, writing };
}

/** Runs `act` when told to, and reads to the end. */
const onWord = (act) => async (ws) => {
  report('ready');
  const reading = codeOf(pipeline(ws, nowhere()));
  await told('act');
  await act(ws);
  return { reading: await reading };
};

const NEVER = new Promise(() => {});
const QUEUED = 64;

/** Queues far more than the kernel takes and closes at once. */
async function closeBehindQueue(ws) {
  for (let at = 0; at < QUEUED; at++) {
    const message = Buffer.alloc(MEBIBYTE);
    message.writeUInt32BE(at);
    ws.write(message);
  }
  const queued = ws.bufferedBytes;
  const closing = ws.close(1000, 'all of it');
  report('queued', queued);
  const reading = await codeOf(pipeline(ws, nowhere()));
  await closing;
  return { reading };
}

async function* oneFragmentOnly() {
  yield Buffer.alloc(1024);
  report('fragment');
  await NEVER;
}

export const PARTS = {
  listen: { play: listen },
  converse: { play: converse },
  count: { play: count },
  'read late': {
    play: async (ws) => {
      await told('act');
      return count(ws);
    },
  },
  'read a piece': { options: { readAs: 'stream', maxMessageBytes: Number.POSITIVE_INFINITY }, play: readPiece },
  close: { play: onWord((ws) => ws.close()) },
  end: { play: onWord((ws) => ws.end()) },
  'close with 1011': { play: onWord((ws) => ws.close(1011, 'out of order')) },
  'close with 4000': { play: onWord((ws) => ws.close(4000)) },
  destroy: { play: onWord((ws) => ws.destroy()) },
  'destroy with an error': { play: onWord((ws) => ws.destroy(new Error('my own'))) },
  'close, for 200 ms': { options: { closeTimeoutMs: 200 }, play: onWord((ws) => ws.close()) },
  'converse, with keepalive': { options: { keepAlive: { intervalMs: 100, timeoutMs: 200 } }, play: converse },
  'close behind a queue': { play: closeBehindQueue },
  // These two are killed.
  'send one huge frame': { play: (ws) => void ws.write(Buffer.alloc(64 * MEBIBYTE)) ?? NEVER },
  'send one fragment': { play: (ws) => void ws.write(oneFragmentOnly()) ?? NEVER },
};
