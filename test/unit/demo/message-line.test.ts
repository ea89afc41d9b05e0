import { once } from 'node:events';
import type { Socket } from 'node:net';
import { MessageLine, type MessageLineOptions } from '../../../src/demo/message-line.js';
import { Valve } from '../../../src/demo/valve.js';
import { type FrameDescription, WireTap } from '../../../src/demo/wire-tap.js';
import type { WebSocketError } from '../../../src/errors.js';
import { socketPair } from '../../support/socket-pair.js';
import { hex } from '../../support/wire.js';

const open: Socket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** An echoing line on one end of a TCP connection; the other end, and what its tap saw. */
async function echo(options: Partial<MessageLineOptions> = {}) {
  const { near, far } = await socketPair();
  open.push(near, far);
  const line = new MessageLine(far, { maxMessageBytes: 1000, ...options });
  const valve = new Valve(line.out);
  const frames: FrameDescription[] = [];
  const tap = new WireTap((frame) => (frames[frame.number] = frame));
  near.on('data', (chunk) => tap.push(chunk));
  line.start(valve);
  return { near, far, line, valve, frames };
}

const HELLO = hex`81 85 37fa213d 7f9f4d5158`;
const CLOSE_3000 = hex`88 82 00000000 0bb8`;
const REPLY_3000 = { opcode: 8, payload: '0bb8' };

test('a message is echoed; a close is answered with the same code and ends the connection', async () => {
  const { near, frames } = await echo();
  near.write(HELLO);
  near.write(CLOSE_3000);
  await once(near, 'end');
  expect(frames).toMatchObject([{ opcode: 1, key: null, payload: '48656c6c6f' }, REPLY_3000]);
});

test('a violation is told to the peer in a close frame, with the sentence, and to the owner', async () => {
  const failures: WebSocketError[] = [];
  const { near, frames } = await echo({ onFailure: (error) => failures.push(error) });
  near.write(HELLO);
  near.write(hex`83 80 00000000`);
  await once(near, 'end');
  expect(failures).toHaveLength(1);
  const close = Buffer.from(frames.at(-1)?.payload ?? '', 'hex');
  expect(close.readUInt16BE(0)).toBe(1002);
  expect(close.toString('utf8', 2)).toBe(failures[0]?.message);
});

test('the close frame arrives although the peer goes on sending', async () => {
  const { near, frames } = await echo();
  near.on('error', () => {});
  near.write(Buffer.concat([hex`83 80 00000000`, Buffer.alloc(300_000)]));
  await once(near, 'end');
  expect(frames.at(-1)).toMatchObject({ opcode: 8 });
});

test('a message over the limit is 1009', async () => {
  const { near, frames } = await echo();
  near.write(hex`82 fe 03e9 00000000`);
  await once(near, 'end');
  expect(frames.at(-1)?.payload).toMatch(/^03f1/);
});

test('a peer that vanishes is no failure of its own making', async () => {
  const onFailure = jest.fn();
  const ended = new Promise<void>((resolve) => {
    void echo({ onFailure, onEnd: resolve }).then(({ near }) => near.write(HELLO, () => near.destroy()));
  });
  await ended;
  expect(onFailure).not.toHaveBeenCalled();
});

test('closing from our side sends what is left, the code and the reason, even with the valve shut', async () => {
  const { near, line, valve, frames } = await echo();
  valve.shut();
  near.write(HELLO);
  await new Promise((resolve) => setTimeout(resolve, 20));
  line.close(1001, 'bye');
  await once(near, 'end');
  expect(frames).toMatchObject([{ opcode: 8, payload: `03e9${Buffer.from('bye').toString('hex')}` }]);
});

test('a ping goes out at once; after the end there is none', async () => {
  const { near, line, frames } = await echo();
  expect(line.ping('hi')).toBe(true);
  near.write(CLOSE_3000);
  await once(near, 'end');
  expect(frames).toMatchObject([{ opcode: 9, payload: '6869' }, REPLY_3000]);
  expect(line.ping('hi')).toBe(false);
});

test('the fragmenter sits behind the message encoder', async () => {
  const onFragmented = jest.fn();
  const { near, line, frames } = await echo({ onFragmented });
  line.fragmenter.cutNext(2);
  near.write(HELLO);
  near.write(CLOSE_3000);
  await once(near, 'end');
  expect(frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([
    [1, false],
    [9, true],
    [0, true],
    [8, true],
  ]);
  expect(onFragmented).toHaveBeenCalledTimes(1);
});

test('the taps see both directions', async () => {
  const seen: string[] = [];
  const tap = (way: string) => new WireTap(({ opcode }) => seen.push(`${way} ${opcode}`));
  const { near } = await echo({ taps: { in: tap('in'), out: tap('out') } });
  near.write(HELLO);
  near.write(CLOSE_3000);
  await once(near, 'end');
  expect(seen.toSorted()).toEqual(['in 1', 'in 8', 'out 1', 'out 8']);
});
