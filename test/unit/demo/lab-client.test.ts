import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { DemoServer } from '../../../src/demo/demo-server.js';
import { LAB_CASES } from '../../../src/demo/lab-cases.js';
import { runLabCase } from '../../../src/demo/lab-client.js';
import { IDENTITY } from '../../support/http2.js';

let server: DemoServer;
let echo: URL;

beforeAll(async () => {
  server = new DemoServer(pathToFileURL('src/demo/page/'));
  echo = new URL('/echo', await server.listen(0, '127.0.0.1'));
});

afterAll(() => server.stop());

test.each(LAB_CASES)('the demo server answers "$id" with $expects', async (labCase) => {
  const { closeCode, error } = await runLabCase(echo, labCase);
  expect(closeCode).toBe(labCase.expects);
  if (labCase.expects === 1000) expect(error).toBeNull();
  else expect(error).toMatch(/^[A-Z].*\.$/);
});

test('a server that does not speak WebSocket is an outcome, not a rejection', async () => {
  const [labCase] = LAB_CASES;
  if (labCase === undefined) throw new Error('There are no cases.');
  const plain = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise((resolve) => plain.once('listening', resolve));
  const { port } = plain.address() as AddressInfo;
  expect(await runLabCase(new URL(`http://127.0.0.1:${port}/`), labCase)).toEqual({
    closeCode: null,
    error: expect.stringMatching(/could not connect/),
  });
  await new Promise((resolve) => plain.close(resolve));
  expect((await runLabCase(new URL(`http://127.0.0.1:${port}/`), labCase)).closeCode).toBeNull();
});

test('it reaches a server over TLS', async () => {
  const [labCase] = LAB_CASES;
  if (labCase === undefined) throw new Error('There are no cases.');
  const secure = new DemoServer(pathToFileURL('src/demo/page/'), IDENTITY);
  const { closeCode } = await runLabCase(new URL('/echo', await secure.listen(0, '127.0.0.1')), labCase);
  expect(closeCode).toBe(labCase.expects);
  await secure.stop();
});
