/**
 * The table of frames, newest on top.
 *
 * Knows: the rows, which one is selected, and how many it keeps.
 * Does not know: sockets, or how a frame is taken apart.
 *
 * Rows are made once per animation frame, not once per message: a burst of thousands costs one layout, and what fell out
 * of the history before it was drawn is never made at all.
 */
import { partAt, whoSpeaks } from './anatomy.js';
import { el, elWith } from './dom.js';
import { bytesOfHex, clockText, grouped, hexOf, opcodeName, textOf } from './format.js';

/** Frames that the page keeps. */
const HISTORY = 200;
const PREVIEW_BYTES = 18;
const PREVIEW_CHARS = 90;

export class FrameLog {
  #body;
  #onSelect;
  #frames = new Map(); // id -> { frame, row }, oldest first
  #dirty = new Set();
  #scheduled = false;
  #selected = null;
  /** Every frame since the last clear, also those that the history has dropped. */
  seen = 0;

  constructor(body, onSelect) {
    this.#body = body;
    this.#onSelect = onSelect;
    setRoles(body.closest('table'));
    body.addEventListener('click', (event) => {
      const row = event.target.closest('tr');
      if (row !== null) this.#onSelect(row.dataset.id);
    });
    body.addEventListener('keydown', (event) => this.#key(event));
  }

  get selected() {
    return this.#frames.get(this.#selected)?.frame ?? null;
  }

  get kept() {
    return this.#frames.size;
  }

  /** Adds a frame, or brings one up to date whose payload is still arriving. */
  put(frame) {
    const id = idOf(frame);
    const known = this.#frames.get(id);
    if (known === undefined) {
      this.seen += 1;
      this.#frames.set(id, { frame, row: null });
      this.#forget();
    } else {
      known.frame = frame;
    }
    this.#dirty.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#draw());
  }

  clear() {
    this.#frames.clear();
    this.#dirty.clear();
    this.#body.replaceChildren();
    this.#selected = null;
    this.seen = 0;
  }

  select(id) {
    const old = this.#frames.get(this.#selected)?.row;
    if (old) mark(old, false);
    this.#selected = id;
    const row = this.#frames.get(id)?.row;
    if (row) mark(row, true);
  }

  /** The id of the neighbour: +1 is newer, -1 is older. */
  neighbour(step) {
    const ids = [...this.#frames.keys()];
    const at = ids.indexOf(this.#selected);
    return ids[at === -1 ? ids.length - 1 : Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
  }

  #draw() {
    this.#scheduled = false;
    for (const id of this.#dirty) {
      const entry = this.#frames.get(id);
      if (entry === undefined) continue;
      const row = rowOf(id, entry.frame);
      if (id === this.#selected) mark(row, true);
      if (entry.row === null) this.#body.prepend(row);
      else entry.row.replaceWith(row);
      entry.row = row;
    }
    this.#dirty.clear();
    if (this.#body.querySelector('button[tabindex="0"]') === null) {
      this.#body.querySelector('button')?.setAttribute('tabindex', '0');
    }
  }

  #forget() {
    while (this.#frames.size > HISTORY) {
      const [oldest, entry] = this.#frames.entries().next().value;
      this.#frames.delete(oldest);
      this.#dirty.delete(oldest);
      entry.row?.remove();
    }
  }

  #key(event) {
    const step = { ArrowUp: 1, ArrowDown: -1, k: 1, j: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const id = this.neighbour(step);
    if (id === null) return;
    this.#onSelect(id);
    this.#frames.get(id).row?.querySelector('button').focus();
  }
}

const ROLES = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' };

/** Drawn as cards, the rows are no table to the browser any more; with their roles spelled out they stay one. */
function setRoles(root) {
  for (const node of [root, ...root.querySelectorAll(Object.keys(ROLES).join())]) {
    node.setAttribute('role', ROLES[node.localName]);
  }
}

export function idOf(frame) {
  return `${frame.connection}-${frame.run}-${frame.direction}-${frame.number}`;
}

function mark(row, on) {
  row.classList.toggle('selected', on);
  if (on) row.setAttribute('aria-current', 'true');
  else row.removeAttribute('aria-current');
  row.querySelector('button').setAttribute('tabindex', on ? '0' : '-1');
}

function rowOf(id, frame) {
  const number = `${grouped(frame.number)}`;
  const label = `Frame ${number} from the ${whoSpeaks(frame)}: show its anatomy`;
  const button = elWith('button', { type: 'button', tabindex: '-1', 'aria-label': label }, number);
  const row = el(
    'tr',
    `way-${frame.direction}`,
    el('td', 'c-number', button),
    el('td', 'c-time', clockText(frame.at)),
    el('td', 'c-way', wayOf(frame)),
    el('td', 'c-fin', bit(frame.fin)),
    el('td', 'c-rsv', `${bit(frame.rsv1)}${bit(frame.rsv2)}${bit(frame.rsv3)}`),
    el('td', 'c-opcode', `${frame.opcode.toString(16)} ${opcodeName(frame.opcode)}`),
    el('td', 'c-mask', bit(frame.key !== null)),
    el('td', 'c-length', grouped(frame.length)),
    el('td', 'c-form', frame.form),
    el('td', 'c-key', frame.key ?? '\u2013'),
    el('td', 'c-bytes', rawPreview(frame), textPreview(frame)),
  );
  setRoles(row);
  row.dataset.id = id;
  return row;
}

function bit(on) {
  return on ? '1' : '0';
}

function wayOf(frame) {
  if (frame.connection === 'lab') return frame.direction === 'in' ? 'lab \u2192 server' : 'server \u2192 lab';
  return frame.direction === 'in' ? 'browser \u2192 server' : 'server \u2192 browser';
}

function rawPreview(frame) {
  const bytes = bytesOfHex(frame.wire.slice(0, PREVIEW_BYTES * 2));
  const spans = Array.from(bytes, (byte, index) => el('span', partAt(frame, index), `${hexOf(byte)} `));
  return el('span', 'raw', ...spans, frame.wire.length > PREVIEW_BYTES * 2 ? '\u2026' : '');
}

function textPreview(frame) {
  const bytes = bytesOfHex(frame.payload.slice(0, PREVIEW_CHARS * 2));
  if (bytes.length === 0) return el('span', 'preview none', 'no payload');
  if (frame.opcode === 8 && bytes.length > 1) {
    return el('span', 'preview', `${bytes[0] * 256 + bytes[1]} ${textOf(bytes.subarray(2))}`);
  }
  if (frame.opcode === 2) return el('span', 'preview', Array.from(bytes, hexOf).join(' '));
  return el('span', 'preview', textOf(bytes));
}
