/**
 * Sends one message that is produced while it is sent, and then waits for the first byte to be read on the other side
 * before it has produced 1 MiB. Arguments: the HTTP version, bytes of the message.
 */
import { createHash } from 'node:crypto';
import { meet } from './meeting.mjs';
import { watchMemory } from './memory.mjs';
import { report, told } from './parent.mjs';

const PIECE_BYTES = 65_536;
const MEBIBYTE = 1024 * 1024;
const [http, size] = [process.argv[2], Number(process.argv[3])];
const { ws } = await meet('client', http);
await ws.opened;
const memory = watchMemory();
const hash = createHash('sha256');

// A client copies what it masks, so the memory of a piece may be used again for the next one.
const memoryOfPiece = Buffer.alloc(PIECE_BYTES);

async function* pieces() {
  for (let produced = 0; produced < size; produced += PIECE_BYTES) {
    // A receiver that waits for more than this before it shows any of it stays without, and the test runs out of time.
    if (produced === MEBIBYTE - PIECE_BYTES) await told('go on');
    const piece = memoryOfPiece.subarray(0, Math.min(PIECE_BYTES, size - produced)).fill(produced / PIECE_BYTES);
    piece.writeDoubleBE(produced);
    hash.update(piece);
    yield piece;
  }
}

ws.write(pieces());
const { code } = await ws.close();
report('done', { sha256: hash.digest('hex'), growth: memory.growth(), closeCode: code });
