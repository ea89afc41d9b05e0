/** A process whose connections are over exits by itself: no timer, socket or server of ours keeps it. Needs a build. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const entry = pathToFileURL(join(process.cwd(), 'dist', 'index.js')).href;

/** What a program prints until it exits by itself; rejects when it has to be killed. */
async function printed(program: string): Promise<string> {
  const prelude = `
    import { once } from 'node:events';
    import { connect, createServer } from '${entry}';
    const server = createServer((ws) => ws.pipe(ws)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = 'ws://127.0.0.1:' + server.address().port;
  `;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', prelude + program], {
    timeout: 30_000,
  });
  expect(stderr).toBe('');
  return stdout;
}

test.each([
  [
    'a clean close',
    "const ws = connect(url); ws.end('x'); for await (const m of ws) console.log(m); await server.close();",
  ],
  [
    'a drain',
    'const ws = connect(url).resume(); await ws.opened; await server.close(); console.log((await ws.closed).code);',
  ],
  [
    'a client that is destroyed',
    "const ws = connect(url); await ws.opened; ws.destroy(); await server.close(); console.log('x');",
  ],
  ['a client that never opens', "connect(url).destroy(); await server.close(); console.log('x');"],
  ['an error that nobody listens to', 'await server.close(); console.log((await connect(url).closed).code);'],
])(
  'after %s',
  async (_, program) => {
    expect(await printed(program)).toMatch(/^(x|1001|1006)\n$/);
  },
  40_000,
);
