/** A page in Chromium opens many WebSockets to its origin over one HTTP/2 connection. */
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { CloseInfo } from '../../src/duplex/closing.js';
import type { WebSocketDuplex } from '../../src/duplex/websocket-duplex.js';
import { type Http2Serving, http2Serving } from '../support/http2.js';
import { afterTest } from '../support/web-sockets.js';

const COUNT = 50;

/** The page's own. */
declare const location: { readonly host: string };

let browser: Browser;

beforeAll(async () => {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--ignore-certificate-errors'];
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args });
});

afterAll(() => browser.close());

function answerWithPage(_: Http2ServerRequest, response: Http2ServerResponse): void {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>HTTP/2</title>');
}

/** A page from a server that echoes, on the one session that is there. */
async function visit(): Promise<{ serving: Http2Serving; page: Page; closes: Promise<CloseInfo>[] }> {
  const closes: Promise<CloseInfo>[] = [];
  const serving = await http2Serving({ tls: true, deflate: true, onRequest: answerWithPage }, (ws: WebSocketDuplex) => {
    closes.push(ws.closed);
    ws.pipe(ws);
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  afterTest(() => context.close());
  const page = await context.newPage();
  await page.goto(`${serving.origin}/`);
  return { serving, page, closes };
}

test(`${COUNT} WebSockets on one session: text, binary, 16 MiB, compressed, a clean close`, async () => {
  const { serving, page, closes } = await visit();
  const seen = await page.evaluate(runInPage, COUNT);
  expect(seen).toEqual(
    Array(COUNT).fill({
      text: true,
      binary: true,
      extensions: expect.stringMatching(/^permessage-deflate/),
      code: 1000,
      clean: true,
    }),
  );
  expect(serving.sessions).toHaveLength(1);
  const infos = await Promise.all(closes);
  expect(infos).toHaveLength(COUNT);
  expect(infos.every(({ code, received }) => code === 1000 && received?.reason === 'done')).toBe(true);
});

test('16 MiB there and back, on the same session', async () => {
  const { serving, page } = await visit();
  expect(await page.evaluate(echoBig, 2 ** 24)).toBe(true);
  expect(serving.sessions).toHaveLength(1);
  expect([...serving.server.connections].map(({ request }) => request?.httpVersion)).toEqual(['2.0']);
});

/** Runs in the page: opens the sockets at once, echoes on each, and closes them. */
async function runInPage(count: number): Promise<unknown[]> {
  const next = (ws: WebSocket) =>
    new Promise<unknown>((resolve) => {
      ws.onmessage = ({ data }) => resolve(data);
    });
  const one = async (at: number): Promise<unknown> => {
    const ws = new WebSocket(`wss://${location.host}/${at}`);
    ws.binaryType = 'arraybuffer';
    const closed = new Promise<{ code: number; wasClean: boolean }>((resolve) => {
      ws.onclose = resolve;
    });
    await new Promise((resolve) => {
      ws.onopen = resolve;
    });
    const words = `text ${at} `.repeat(2_000);
    ws.send(words);
    const text = (await next(ws)) === words;
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    ws.send(bytes);
    const back = new Uint8Array((await next(ws)) as ArrayBuffer);
    const binary = back.length === bytes.length && back.every((byte, i) => byte === bytes[i]);
    const { extensions } = ws;
    ws.close(1000, 'done');
    const { code, wasClean: clean } = await closed;
    return { text, binary, extensions, code, clean };
  };
  return Promise.all(Array.from({ length: count }, (_, at) => one(at)));
}

/** Runs in the page: one large message, compared byte by byte. */
async function echoBig(size: number): Promise<boolean> {
  const ws = new WebSocket(`wss://${location.host}/big`);
  ws.binaryType = 'arraybuffer';
  await new Promise((resolve) => {
    ws.onopen = resolve;
  });
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  ws.send(bytes);
  const data = await new Promise<ArrayBuffer>((resolve, reject) => {
    ws.onmessage = (event) => resolve(event.data);
    ws.onclose = ({ code }) => reject(new Error(`closed with ${code}`));
  });
  const back = new Uint8Array(data);
  return back.length === size && back.every((byte, at) => byte === bytes[at]);
}
