/**
 * Our client through a proxy agent: `agents.mjs AGENT PROXY TARGET [untrusting]`. Prints one line of JSON.
 *
 * Knows: how each agent is made, and what a user does first: send, receive, close.
 * Does not know: what is right.
 */
import { readFileSync } from 'node:fs';
import hpagent from 'hpagent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyAgent } from 'undici';
import { connect } from '../../../dist/index.js';

const [name, proxy, target, trust] = process.argv.slice(2);
const ca = readFileSync(new URL('../../support/tls/cert.pem', import.meta.url));
const isSecure = target.startsWith('wss:');

const AGENTS = {
  'https-proxy-agent': () => new HttpsProxyAgent(proxy),
  hpagent: () => (isSecure ? new hpagent.HttpsProxyAgent({ proxy }) : new hpagent.HttpProxyAgent({ proxy })),
  undici: () => new ProxyAgent(proxy),
};

const report = (result) => console.log(JSON.stringify(result));

const ws = connect(target, {
  agent: AGENTS[name](),
  tls: isSecure && trust !== 'untrusting' ? { ca } : {},
  handshakeTimeoutMs: 2_000,
});
try {
  await ws.opened;
  ws.write('héllo');
  ws.write(Buffer.alloc(1_048_577));
  const messages = ws.iterator();
  const text = (await messages.next()).value;
  const { length } = (await messages.next()).value;
  const { received } = await ws.close(1000, 'done');
  report({ text, length, received });
} catch ({ code, status }) {
  report({ code, status: status ?? undefined });
}
