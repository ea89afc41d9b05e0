/**
 * One message that is larger than any buffer, from one process to another.
 *
 * FRAMEPIPE_MESSAGE_MIB says how large (default 256); FRAMEPIPE_FIGURES=1 prints what was measured.
 */
import { BY_ITSELF, Children, ends } from './support/child.js';
import { FLAT_BYTES, figure, inMebibytes, MEBIBYTE } from './support/figures.js';

const { FRAMEPIPE_MESSAGE_MIB = '256' } = process.env;
const SIZE = Number(FRAMEPIPE_MESSAGE_MIB) * MEBIBYTE;
const TIMEOUT_MS = 60_000 + SIZE / 10_000;

interface Side {
  readonly sha256: string;
  readonly growth: number;
}

const children = new Children();
afterAll(() => children.end());

describe.each(['1.1', '2'])('over HTTP/%s', (http) => {
  let sent: Side & { closeCode: number };
  let read: Side & { bytes: number; seconds: number };
  let exits: object[];

  beforeAll(async () => {
    const reader = children.start('large-reader', { args: [http] });
    const sender = children.start('large-sender', { args: [http, SIZE] });
    sender.tell('port', await reader.heard('port'));
    // The sender stops short of 1 MiB until it is told to go on, so this is the proof that the first byte came before.
    await reader.heard('first byte');
    sender.tell('go on');
    [sent, read] = await Promise.all([sender.heard<typeof sent>('done'), reader.heard<typeof read>('done')]);
    exits = await ends(sender, reader);
    const rate = inMebibytes(read.bytes / read.seconds);
    figure(`HTTP/${http}: ${inMebibytes(read.bytes)} in ${read.seconds.toFixed(1)} s, ${rate} a second`);
    figure(`sender +${inMebibytes(sent.growth)}, reader +${inMebibytes(read.growth)}`);
  }, TIMEOUT_MS);

  test('the first byte is read before the sender has produced 1 MiB, and the last byte is read too', () => {
    expect(read.bytes).toBe(SIZE);
    expect(sent.closeCode).toBe(1000);
  });

  test('every byte is the same', () => {
    expect(read.sha256).toBe(sent.sha256);
  });

  test('neither process grows with the message', () => {
    expect(sent.growth).toBeLessThan(FLAT_BYTES);
    expect(read.growth).toBeLessThan(FLAT_BYTES);
  });

  test('both processes end by themselves', () => {
    expect(exits).toEqual([BY_ITSELF, BY_ITSELF]);
  });
});
