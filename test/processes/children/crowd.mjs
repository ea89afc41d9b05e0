/**
 * Many clients in one process. Argument: how many at a time.
 *
 * Words: 'open' opens a round of them and reports 'opened'; 'close' closes them; once all are closed, 'closed' is
 * reported with their codes, `{ code: count }`. 'measure' reports what is left of them, 'leave' lets the process end.
 */
import { once } from 'node:events';
import { connect } from 'framepipe';
import { leftovers } from './leftovers.mjs';
import { obey, report, told } from './parent.mjs';

const size = Number(process.argv[2]);
const url = `ws://127.0.0.1:${await told('port')}`;
let crowd = [];

async function open() {
  crowd = Array.from({ length: size }, () => connect(url));
  await Promise.all(crowd.map((ws) => ws.opened));
  report('opened');
  const codes = {};
  const endings = crowd.map(async (ws) => {
    const [{ code }] = await Promise.all([ws.closed, once(ws.resume(), 'end')]);
    codes[code] = (codes[code] ?? 0) + 1;
  });
  await Promise.all(endings);
  crowd = [];
  report('closed', codes);
}

await obey({
  open,
  close: () => {
    for (const ws of crowd) ws.close();
  },
  measure: async () => report('left', await leftovers()),
});
