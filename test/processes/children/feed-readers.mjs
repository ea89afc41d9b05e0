/**
 * The clients of feed-host.mjs in one process. Arguments: how many read, how many do not.
 *
 * Words: 'open' opens them all and reports 'opened'; 'heard' reports how many messages each reader has, the fewest and the
 * most; 'read on' lets the others read, too; 'stalled' reports the same of those, and how many were closed with which code.
 */
import { connect } from 'framepipe';
import { obey, report, told } from './parent.mjs';

const [reading, stalled] = process.argv.slice(2).map(Number);
const url = `ws://127.0.0.1:${await told('port')}`;

function client(path, isReading) {
  const ws = connect(`${url}${path}`, { keepAlive: false });
  const one = { ws, heard: 0 };
  ws.on('data', () => one.heard++);
  if (!isReading) ws.pause();
  return one;
}

let readers = [];
let others = [];
const span = (all) => [Math.min(...all.map(({ heard }) => heard)), Math.max(...all.map(({ heard }) => heard))];

await obey({
  open: async () => {
    readers = Array.from({ length: reading }, () => client('/reader', true));
    others = Array.from({ length: stalled }, (_, at) => client(`/private/${at}`, false));
    await Promise.all([...readers, ...others].map(({ ws }) => ws.opened));
    report('opened');
  },
  heard: () => report('heard', span(readers)),
  'read on': () => {
    for (const { ws } of others) ws.resume();
  },
  stalled: () => report('stalled', span(others)),
});
