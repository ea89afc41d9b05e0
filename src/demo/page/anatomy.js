/**
 * One frame, taken apart: a sentence, the figure, the facts, the unmasking byte by byte, the raw bytes, the payload.
 *
 * Knows: how to read a frame description from the server's tap.
 * Does not know: sockets, or which frame is selected.
 */
import { el, elWith } from './dom.js';
import { figureOf } from './figure.js';
import { bytesOfHex, charOf, clockText, countOf, grouped, hexOf, opcodeName, textOf } from './format.js';

/** Columns of the unmasking table. */
const UNMASKED_SHOWN = 24;

/** The frame of the well-known tutorial, shown until there is a real one: masked text, "MDN". */
export const SPECIMEN = {
  connection: 'specimen',
  direction: 'in',
  number: 0,
  offset: 0,
  at: null,
  fin: true,
  rsv1: false,
  rsv2: false,
  rsv3: false,
  opcode: 1,
  length: 3,
  form: '7',
  key: '3d542306',
  headerBytes: 6,
  arrived: 3,
  wire: '81833d54230670106d',
  payload: '4d444e',
};

export function anatomyOf(frame, perRow) {
  const wire = bytesOfHex(frame.wire);
  const payload = bytesOfHex(frame.payload);
  return [
    el('p', 'sentence', ...sentence(frame)),
    ...figureOf(frame, wire, perRow),
    facts(frame),
    ...unmasking(frame, wire, payload),
    el('div', 'panes', el('div', 'pane', ...dump(frame, wire, perRow === 32 ? 16 : 8)), payloadView(frame, payload)),
  ];
}

function sentence(frame) {
  const who = whoSpeaks(frame);
  const name = frame.opcode === 0 || !frame.fin ? fragmentName(frame) : `a ${opcodeName(frame.opcode)} frame`;
  const masked = frame.key === null ? 'not masked' : 'masked';
  const form = { 7: '7 bits', '7+16': '7+16 bits', '7+64': '7+64 bits' }[frame.form];
  const parts = [el('b', '', who), ` sends ${name}, ${masked}, ${countOf(frame.length, 'byte')}, length in ${form}.`];
  if (frame.at === null) parts.push(' A specimen, until a real one comes along.');
  if (frame.arrived < frame.length) parts.push(` ${grouped(frame.arrived)} of them have arrived.`);
  return parts;
}

export function whoSpeaks(frame) {
  if (frame.direction === 'out') return frame.connection === 'lab' ? 'Server (to the lab)' : 'Server';
  return { lab: 'Lab client', specimen: 'A browser' }[frame.connection] ?? 'Browser';
}

function fragmentName(frame) {
  if (frame.opcode !== 0) return `the first fragment of a ${opcodeName(frame.opcode)} message`;
  return frame.fin ? 'the last fragment of a message' : 'a fragment in the middle of a message';
}

function facts(frame) {
  const rows = [
    ['time', frame.at === null ? 'not sent' : clockText(frame.at), 'fact-time'],
    ['length form', `${frame.form} bit`, 'fact-form'],
    ['masking key', frame.key === null ? 'none' : spaced(frame.key), 'fact-key'],
    ['header', countOf(frame.headerBytes, 'byte'), 'fact-header'],
    ['payload', countOf(frame.length, 'byte'), 'fact-payload'],
    ['at offset', grouped(frame.offset), 'fact-offset'],
  ];
  const items = rows.map(([name, value, id]) => el('div', '', el('dt', '', name), elWith('dd', { id }, value)));
  return el('dl', 'facts', ...items);
}

function spaced(hex) {
  return hex.match(/../g).join(' ');
}

function unmasking(frame, wire, payload) {
  if (frame.key === null || frame.length === 0) return [];
  const masked = wire.subarray(frame.headerBytes);
  const count = Math.min(UNMASKED_SHOWN, masked.length, payload.length);
  if (count === 0) return [];
  const key = bytesOfHex(frame.key);
  const indexes = Array.from({ length: count }, (_, index) => index);
  const row = (name, title, part, value) =>
    el(
      'tr',
      part,
      elWith('th', { scope: 'row' }, elWith('abbr', { title }, name)),
      ...indexes.map((index) => el('td', '', value(index))),
    );
  const table = el(
    'table',
    'unmask',
    el('caption', '', 'D', el('sub', '', 'i'), ' = E', el('sub', '', 'i'), ' XOR M', el('sub', '', 'i mod 4')),
    el(
      'tbody',
      '',
      row('E', 'masked, as on the wire', 'payload', (index) => hexOf(masked[index])),
      row('M', 'masking key', 'key', (index) => hexOf(key[index % 4])),
      row('D', 'unmasked', 'plain', (index) => hexOf(payload[index])),
      row('', 'as a character', 'chars', (index) => charOf(payload[index])),
    ),
  );
  return [
    elWith('div', { class: 'scroll-x', tabindex: '0', role: 'region', 'aria-label': 'Unmasking, byte by byte' }, table),
  ];
}

function payloadView(frame, payload) {
  const head = payload.length < frame.length ? `first ${grouped(payload.length)} bytes` : 'whole';
  return el(
    'div',
    'pane',
    el('h3', '', 'Payload, unmasked ', el('span', 'aside', frame.length === 0 ? 'empty' : head)),
    elWith('pre', { id: 'plain', tabindex: '0', 'aria-label': 'Payload, unmasked' }, readable(frame, payload)),
  );
}

function readable(frame, payload) {
  if (frame.opcode === 8 && payload.length >= 2) {
    const code = payload[0] * 256 + payload[1];
    return `${code} ${textOf(payload.subarray(2))}`.trim();
  }
  if (frame.opcode === 2) return Array.from(payload, hexOf).join(' ');
  return textOf(payload);
}

function dump(frame, wire, perLine) {
  const total = frame.headerBytes + frame.length;
  const lines = [];
  for (let at = 0; at < wire.length; at += perLine) {
    lines.push(dumpLine(frame, wire.subarray(at, at + perLine), at, perLine));
  }
  const head =
    wire.length < total ? `first ${grouped(wire.length)} of ${countOf(total, 'byte')}` : countOf(total, 'byte');
  return [
    el('h3', '', 'Raw bytes ', el('span', 'aside', head)),
    elWith('pre', { id: 'raw', class: 'dump', tabindex: '0', 'aria-label': 'Raw bytes in hex' }, ...lines),
  ];
}

function dumpLine(frame, bytes, at, perLine) {
  const hex = Array.from(bytes, (byte, index) => el('span', partAt(frame, at + index), `${hexOf(byte)} `));
  const padding = '   '.repeat(perLine - bytes.length);
  const chars = Array.from(bytes, charOf).join('');
  return el(
    'span',
    'line',
    el('span', 'offset', at.toString(16).padStart(4, '0')),
    '  ',
    ...hex,
    `${padding} `,
    el('span', 'ascii', chars),
    '\n',
  );
}

/** Which part of the frame the byte at `index` belongs to: the colour it has everywhere. */
export function partAt(frame, index) {
  if (index === 0) return 'bits';
  const keyAt = frame.headerBytes - (frame.key === null ? 0 : 4);
  if (index < keyAt) return 'length';
  return index < frame.headerBytes ? 'key' : 'payload';
}
