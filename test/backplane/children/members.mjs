/**
 * Many clients in one process, which may be in a network of its own.
 *
 * Knows: the ws package. It says what it is told to, and tells what was heard when it is asked.
 * Does not know: framepipe.
 */
import { WebSocket } from 'ws';
import { report } from './parent.mjs';

const members = [];

async function join({ url, name }) {
  const member = { name, heard: [], closeCode: null, socket: new WebSocket(url, { perMessageDeflate: false }) };
  member.socket.on('message', (data) => member.heard.push(String(data).trimEnd()));
  member.socket.on('close', (code) => {
    member.closeCode = code;
  });
  member.socket.on('error', () => {});
  await new Promise((resolve) => member.socket.once('open', resolve));
  members.push(member);
}

const ACTIONS = {
  join: async (all) => {
    for (const one of all) await join(one);
  },
  say: async ({ name, text }) => members.find((one) => one.name === name)?.socket.send(`${name}: ${text}`),
  heard: async () => members.map(({ name, heard, closeCode }) => ({ name, heard, closeCode })),
};

let last = Promise.resolve();
process.on('message', ({ name, value }) => {
  last = last.then(async () => report(name, (await ACTIONS[name](value)) ?? null));
});
