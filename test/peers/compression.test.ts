/**
 * permessage-deflate against other implementations, each pair of parameters (RFC 7692 §7.1), each role that they have.
 * A peer gets back what it sent: JSON again and again (takeover), nothing, noise, a long message, text with every width.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { type Browser, chromium } from 'playwright-core';
import { WebSocket as UndiciSocket } from 'undici';
import { type ClientOptions, type PerMessageDeflateOptions, WebSocket, WebSocketServer } from 'ws';
import { connect } from '../../src/client.js';
import type { DeflateOptions } from '../../src/deflate/options.js';
import { createServer, type WebSocketServer as OurServer } from '../../src/server.js';

const JSON_TEXT = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, name: `user ${id}`, tags: ['a', 'b'] })));
const NOISE = Array.from({ length: 600 }, (_, at) => String.fromCharCode(33 + ((at * at * 7919) % 90))).join('');
const TEXTS = [JSON_TEXT, JSON_TEXT, '', NOISE, 'aé€😀'.repeat(50_000), JSON_TEXT];

const OURS: readonly DeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 9 },
  { clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 15, clientMaxWindowBits: 15, memLevel: 9, level: 9 },
  { serverMaxWindowBits: 10, clientMaxWindowBits: 12, serverNoContextTakeover: true },
];
const WS: readonly PerMessageDeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 15, clientMaxWindowBits: 10, clientNoContextTakeover: true },
];

const pairs = <A, B>(these: readonly A[], those: readonly B[]) =>
  these.flatMap((one) =>
    those.map((other): [string, A, B] => [`${JSON.stringify(one)} / ${JSON.stringify(other)}`, one, other]),
  );

const asksForLess = (ours: DeflateOptions, theirs: PerMessageDeflateOptions) =>
  (theirs.serverMaxWindowBits ?? 0) > (ours.serverMaxWindowBits ?? 15) ||
  Number(theirs.clientMaxWindowBits ?? 0) > (ours.clientMaxWindowBits ?? 15);

let ours: OurServer | null = null;
afterEach(async () => {
  await ours?.close({ timeoutMs: 1_000 });
  ours = null;
});

async function serve(deflate: DeflateOptions): Promise<string> {
  const settings = { deflate: { threshold: 0, ...deflate }, origins: '*' } as const;
  ours = createServer(settings, (ws) => pipeline(ws, ws, () => {}));
  ours.listen(0, '127.0.0.1');
  await once(ours, 'listening');
  return `ws://127.0.0.1:${(ours.address() as AddressInfo).port}`;
}

/** Sends each text when the one before has come back. */
async function exchange(send: (text: string) => void, next: () => Promise<string>): Promise<string[]> {
  const back: string[] = [];
  for (const text of TEXTS) {
    send(text);
    back.push(await next());
  }
  return back;
}

test.each(pairs(OURS, WS))('ws as the client: %s', async (_, deflate, theirs) => {
  const options: ClientOptions = { perMessageDeflate: { threshold: 0, ...theirs } };
  const peer = new WebSocket(await serve(deflate), options);
  await once(peer, 'open');
  expect(peer.extensions).toContain('permessage-deflate');
  const next = async () => String((await once(peer, 'message'))[0]);
  expect(await exchange((text) => peer.send(text), next)).toEqual(TEXTS);
  peer.close();
  expect((await once(peer, 'close'))[0]).toBe(1005);
});

test.each(pairs(OURS, WS))('ws as the server: %s', async (_, deflate, theirs) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0, ...theirs } });
  server.on('connection', (peer) => peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary })));
  await once(server, 'listening');
  const ws = connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    deflate: { threshold: 0, ...deflate },
  });
  if (asksForLess(deflate, theirs)) {
    // Where ws insists on a larger window than is offered, it refuses the whole handshake instead of the offer.
    await expect(ws.opened).rejects.toMatchObject({ code: 'ERR_WS_HANDSHAKE_REFUSED', status: 400 });
    server.close();
    return;
  }
  await ws.opened;
  expect(ws.extensions).toHaveLength(1);
  const messages = ws[Symbol.asyncIterator]();
  const next = async () => String((await messages.next()).value);
  expect(await exchange((text) => ws.write(text), next)).toEqual(TEXTS);
  expect(await ws.close()).toMatchObject({ received: { code: 1000 } });
  server.close();
});

test.each(OURS.map((deflate) => [JSON.stringify(deflate), deflate] as const))('undici: %s', async (_, deflate) => {
  const peer = new UndiciSocket(await serve(deflate));
  await new Promise((resolve) => peer.addEventListener('open', resolve, { once: true }));
  expect(peer.extensions).toContain('permessage-deflate');
  const next = () =>
    new Promise<string>((resolve) => peer.addEventListener('message', ({ data }) => resolve(data), { once: true }));
  expect(await exchange((text) => peer.send(text), next)).toEqual(TEXTS);
  peer.close(1000);
  await new Promise((resolve) => peer.addEventListener('close', resolve, { once: true }));
});

describe('Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  });
  afterAll(async () => {
    await browser.close();
  });

  test.each(OURS.map((deflate) => [JSON.stringify(deflate), deflate] as const))('%s', async (_, deflate) => {
    const url = await serve(deflate);
    const page = await browser.newPage();
    const result = await page.evaluate(
      ({ address, texts }) =>
        new Promise((resolve) => {
          const peer = new (globalThis as unknown as { WebSocket: typeof UndiciSocket }).WebSocket(address);
          const back: string[] = [];
          peer.onopen = () => peer.send(texts[0] ?? '');
          peer.onmessage = ({ data }) => {
            back.push(data);
            if (back.length < texts.length) peer.send(texts[back.length] ?? '');
            else peer.close(1000);
          };
          peer.onclose = ({ code, wasClean }) => resolve({ back, code, wasClean, extensions: peer.extensions });
        }),
      { address: url, texts: TEXTS },
    );
    expect(result).toMatchObject({ back: TEXTS, code: 1000, wasClean: true });
    expect(result).toHaveProperty('extensions', expect.stringContaining('permessage-deflate'));
    await page.close();
  });
});
