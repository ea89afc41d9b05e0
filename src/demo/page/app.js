/**
 * Connects the sockets to the views and the controls to the sockets.
 *
 * Knows: which button does what.
 * Does not know: how frames are drawn (anatomy.js, log.js), how bytes are counted (pipe.js).
 */
import { anatomyOf, SPECIMEN } from './anatomy.js';
import { Channel } from './channel.js';
import { byId, el, elWith } from './dom.js';
import { binaryOf, countOf, grouped } from './format.js';
import { FrameLog, idOf } from './log.js';
import { Pipe } from './pipe.js';
import { wireTheme } from './theme.js';

const BURST_MESSAGE = Uint8Array.from({ length: 64 * 1024 }, (_, index) => index & 0xff);
const BURST_MESSAGES = 64;
const VERDICTS_KEPT = 8;

const narrow = matchMedia('(max-width: 640px)');
const channel = new Channel();
const log = new FrameLog(byId('frames'), choose);
const pipe = new Pipe(channel, {
  tube: document.querySelector('.tube'),
  chart: byId('chart'),
  total: byId('in-flight'),
  ledger: byId('ledger'),
  pause: byId('pause'),
});
let dropped = 0;
let following = null;

function show(frame) {
  byId('anatomy').replaceChildren(...anatomyOf(frame, narrow.matches ? 16 : 32));
  byId('anatomy').dataset.frame = frame.at === null ? 'specimen' : idOf(frame);
}

/** The reader picked a frame, so the view stops moving on by itself. */
function choose(id) {
  byId('follow').value = 'none';
  log.select(id);
  if (log.selected !== null) show(log.selected);
}

function received(frame) {
  log.put(frame);
  const follow = byId('follow').value;
  const current = log.selected !== null && idOf(log.selected) === idOf(frame);
  if (current || follow === 'any' || follow === frame.direction) present(frame);
  count();
}

/** Many frames can arrive between two pictures; only the last one is drawn. */
function present(frame) {
  const scheduled = following !== null;
  following = frame;
  if (scheduled) return;
  requestAnimationFrame(() => {
    log.select(idOf(following));
    show(following);
    following = null;
  });
}

function count() {
  const parts = [log.seen === 0 ? 'none yet' : countOf(log.seen, 'frame')];
  if (log.seen > log.kept) parts.push(`the last ${grouped(log.kept)} are kept`);
  if (dropped > 0) parts.push(`${grouped(dropped)} more not shown: this page was too slow`);
  byId('count').textContent = parts.join(', ');
  byId('empty').hidden = log.seen > 0;
}

function status({ state, text }) {
  byId('status').textContent = text;
  byId('status').dataset.state = state;
  if (state === 'off') forget('echo');
  if (!channel.watching) byId('sockets').replaceChildren();
  byId('reconnect').hidden = state !== 'off';
  byId('close').hidden = state === 'off';
  for (const id of ['send-text', 'send-binary', 'burst', 'ping', 'pause', 'fragment'])
    byId(id).disabled = state !== 'on';
  for (const button of document.querySelectorAll('[data-bytes]')) button.disabled = state !== 'on';
}

/** Which HTTP each socket that is open runs on; the lab's is the last one. */
function introduce({ name, http, isSecure }) {
  const path = name === 'lab' ? 'lab client' : `/${name}`;
  const item = el('li', '', el('b', '', path), ` ${http}${isSecure ? ' over TLS' : ''}`);
  item.dataset.name = name;
  forget(name);
  byId('sockets').append(item);
}

function forget(name) {
  byId('sockets').querySelector(`[data-name="${name}"]`)?.remove();
}

function verdict({ expects, name, closeCode, error }) {
  const says = error === null ? 'The server accepted every frame.' : error;
  const badge = el(
    'span',
    closeCode === expects ? 'badge' : 'badge odd',
    closeCode === null ? 'no close' : String(closeCode),
  );
  const item = el('li', '', badge, el('span', 'verdict', el('b', '', name), ' ', says));
  byId('verdicts').prepend(item);
  while (byId('verdicts').children.length > VERDICTS_KEPT) byId('verdicts').lastElementChild.remove();
}

function armed(pieces) {
  byId('fragment').setAttribute('aria-pressed', String(pieces > 0));
}

const heard = {
  hello: ({ cases }) => {
    const options = cases.map(({ id, title }) => elWith('option', { value: id }, title));
    byId('case').replaceChildren(...options);
  },
  socket: introduce,
  attached: () => pipe.update(null),
  frame: ({ detail }) => received(detail),
  pressure: (numbers) => pipe.update(numbers),
  armed: ({ pieces }) => armed(pieces),
  failed: ({ connection, message, closeCode }) => {
    if (connection === 'echo') notice(`The server failed the connection with ${closeCode}: ${message}`);
  },
  lab: verdict,
  dropped: ({ count: more }) => {
    dropped += more;
    count();
  },
  refused: ({ why }) => notice(why),
};

/** A sentence above everything, until the next one or the next action of the reader. */
function notice(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = text === '';
}

function sendText() {
  channel.send(byId('say').value);
}

function sendEdge(size) {
  channel.send('0123456789'.repeat(Math.ceil(size / 10)).slice(0, size));
}

function burst() {
  for (let sent = 0; sent < BURST_MESSAGES; sent += 1) channel.send(BURST_MESSAGE);
}

function closeWith() {
  try {
    channel.close(Number(byId('code').value), byId('reason').value);
  } catch (error) {
    notice(`The browser refuses: ${error.message}`);
  }
}

function onSubmit(id, action) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}

function onClick(id, action) {
  byId(id).addEventListener('click', action);
}

function wireControls() {
  onSubmit('composer', sendText);
  byId('say').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  });
  onClick('send-binary', () => channel.send(binaryOf(byId('say').value)));
  for (const button of document.querySelectorAll('[data-bytes]')) {
    button.addEventListener('click', () => sendEdge(Number(button.dataset.bytes)));
  }
  document.addEventListener(
    'click',
    (event) => {
      if (event.target.closest('button') !== null) notice('');
    },
    { capture: true },
  );
  onClick('ping', () => channel.command({ type: 'ping' }));
  onClick('fragment', () => {
    const on = byId('fragment').getAttribute('aria-pressed') === 'true';
    channel.command({ type: 'fragments', pieces: on ? 0 : Number(byId('pieces').value) });
  });
  onSubmit('closer', closeWith);
  onClick('reconnect', () => channel.connect());
  onClick('pause', () => channel.command({ type: pipe.paused ? 'resume' : 'pause' }));
  onClick('burst', burst);
  onSubmit('lab', () => channel.command({ type: 'lab', case: byId('case').value }));
}

function wireViews() {
  onClick('older', () => choose(log.neighbour(-1)));
  onClick('newer', () => choose(log.neighbour(1)));
  onClick('clear', () => {
    log.clear();
    dropped = 0;
    count();
    show(SPECIMEN);
  });
  narrow.addEventListener('change', () => show(log.selected ?? SPECIMEN));
  addEventListener('resize', () => pipe.redraw());
  wireTheme(byId('theme'), () => pipe.redraw());
}

channel.addEventListener('status', (event) => status(event.detail));
channel.addEventListener('moved', () => pipe.wake());
for (const [type, act] of Object.entries(heard)) channel.addEventListener(type, (event) => act(event.detail));
wireControls();
wireViews();
show(SPECIMEN);
channel.connect();
