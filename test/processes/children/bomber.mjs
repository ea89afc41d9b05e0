/**
 * A raw client that sends compressed messages as no library would, over HTTP/1.1 or 2 (its argument). Each `attack`, `{ mebibytes, fragmentBytes, extension,
 * path, good }`, opens a connection, sends `good` ordinary compressed messages and then one that inflates to that many
 * MiB, in fragments if told so, and reports the close code that came back (null for none). `kill` opens `count`
 * connections to a server that sends, `atOnce` at a time, and resets each as soon as the first byte of a message is here.
 */
import { constants } from 'node:http2';
import zlib from 'node:zlib';
import { obey, report, told } from './parent.mjs';
import { connectRaw, connectRawStream } from './raw-socket.mjs';

const [, , http] = process.argv;
const port = await told('port');
const TAIL_BYTES = 4;
const MEBIBYTE = 2 ** 20;

/** Zeros as one compressed message, made in no time: DEFLATE streams can be strung together after a flush. */
function bomb(mebibytes) {
  const one = zlib.deflateRawSync(Buffer.alloc(MEBIBYTE), { level: 9, finishFlush: zlib.constants.Z_FULL_FLUSH });
  const whole = Buffer.concat(new Array(mebibytes).fill(one));
  return whole.subarray(0, whole.length - TAIL_BYTES);
}

/** A masked frame with a key of zeros. */
function frame(first, payload) {
  const head = Buffer.alloc(14);
  head[0] = first;
  if (payload.length < 126) {
    head[1] = 0x80 | payload.length;
    return Buffer.concat([head.subarray(0, 2), head.subarray(10), payload]);
  }
  const size = payload.length < 65_536 ? 2 : 8;
  head[1] = 0x80 | (size === 2 ? 126 : 127);
  head.writeUIntBE(payload.length, size === 2 ? 2 : 4, size === 2 ? 2 : 6);
  return Buffer.concat([head.subarray(0, 2 + size), head.subarray(10), payload]);
}

function fragments(payload, bytes) {
  const frames = [];
  for (let at = 0; at < payload.length; at += bytes) {
    const [isFirst, isLast] = [at === 0, at + bytes >= payload.length];
    frames.push(frame((isLast ? 0x80 : 0) | (isFirst ? 0x42 : 0), payload.subarray(at, at + bytes)));
  }
  return Buffer.concat(frames);
}

async function open(path, extension) {
  if (http === '2') return connectRawStream(port, { 'sec-websocket-extensions': extension, ':path': path });
  return connectRaw(port, [`Sec-WebSocket-Extensions: ${extension}`], path);
}

async function attack({ mebibytes, fragmentBytes = Number.MAX_SAFE_INTEGER, extension, path = '/echo', good = 0 }) {
  const socket = await open(path, extension);
  let heard = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    heard = Buffer.concat([heard, chunk]).subarray(-200);
  });
  socket.on('end', () => socket.end());
  socket.on('close', () => report('answer', closeCode(heard)));
  const hello = zlib.deflateRawSync('{"hello":"hello"}', { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  for (let i = 0; i < good; i++) socket.write(frame(0xc1, hello.subarray(0, -TAIL_BYTES)));
  if (mebibytes > 0) socket.write(fragments(bomb(mebibytes), fragmentBytes));
  else socket.write(frame(0x88, Buffer.from([3, 232])));
}

/** The close frame is the last one, and its reason shorter than 126 bytes. */
function closeCode(heard) {
  for (let at = heard.length - 4; at >= 0; at--) {
    if (heard[at] === 0x88 && heard[at + 1] === heard.length - at - 2) return heard.readUInt16BE(at + 2);
  }
  return null;
}

async function kill({ count, atOnce, deadlineMs }) {
  const end = Date.now() + deadlineMs;
  let [begun, killed] = [0, 0];
  const one = async () => {
    while (begun < count && Date.now() < end) {
      begun++;
      const socket = await open('/send', 'permessage-deflate');
      await new Promise((resolve) => socket.once('readable', resolve));
      if (http === '2') socket.close(constants.NGHTTP2_CANCEL);
      else socket.resetAndDestroy();
      killed++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  report('killed', killed);
}

await obey({ attack, kill });
