/**
 * Clients by hand that say one thing and then nothing. Arguments: how many, and the bytes of the message. Each sends it in
 * one piece with the beginning of the next frame: two bytes of header and a part of the masking key.
 *
 * Words: 'open' opens them all and reports 'opened', 'speak' lets each say its one thing, 'leave' lets the process end.
 */
import { obey, report, told } from './parent.mjs';
import { connectRaw } from './raw-socket.mjs';

const [size, bytes] = process.argv.slice(2).map(Number);
const AT_ONCE = 200;
const HEADER_BYTES = 8;
const NEXT_FRAME = Buffer.from([0x82, 0x85, 1, 2]);

/** A masked binary message with a key of zeros, and how the next one begins. */
function saying() {
  const header = Buffer.alloc(HEADER_BYTES);
  header.set([0x82, 0xfe, bytes >> 8, bytes & 0xff]);
  return Buffer.concat([header, Buffer.alloc(bytes), NEXT_FRAME]);
}

const port = await told('port');
const crowd = [];

async function open() {
  while (crowd.length < size) {
    const some = Array.from({ length: Math.min(AT_ONCE, size - crowd.length) }, () => connectRaw(port));
    crowd.push(...(await Promise.all(some)));
  }
  report('opened');
}

await obey({
  open,
  speak: () => {
    const said = saying();
    for (const socket of crowd) socket.write(said);
  },
});
for (const socket of crowd) socket.destroy();
