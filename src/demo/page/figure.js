/**
 * The figure of RFC 6455 §5.2, drawn with the bits of a real frame.
 *
 * Knows: which bits of the wire belong to which field, and how to lay them out in rows of 32 (16 on a narrow screen).
 * Does not know: where the frame came from.
 */
import { el, elWith } from './dom.js';
import { bitsOf, bytesOfHex, charOf, grouped, hexOf, opcodeName } from './format.js';

/** Payload bytes that the figure shows before it says how many more there are. */
const SHOWN_PAYLOAD = 6;

/** The fields of the header in wire order, as { part, label, short, from, bits }, then the payload byte by byte. */
function fieldsOf(frame, wire) {
  const flag = (label, from) => ({ part: 'bits', label, from, bits: 1 });
  const fields = [
    flag('FIN', 0),
    flag('RSV1', 1),
    flag('RSV2', 2),
    flag('RSV3', 3),
    { part: 'bits', label: `opcode ${frame.opcode} ${opcodeName(frame.opcode)}`, from: 4, bits: 4 },
    flag('MASK', 8),
    { part: 'length', label: shortLengthLabel(frame), from: 9, bits: 7 },
  ];
  let at = 16;
  const extended = { 7: 0, '7+16': 16, '7+64': 64 }[frame.form];
  if (extended > 0) {
    fields.push({ part: 'length', label: `length ${grouped(frame.length)}`, from: at, bits: extended });
    at += extended;
  }
  if (frame.key !== null) {
    fields.push({ part: 'key', label: `masking key ${frame.key}`, from: at, bits: 32 });
    at += 32;
  }
  const first = at / 8;
  const last = Math.min(wire.length, first + SHOWN_PAYLOAD);
  for (let index = first; index < last; index += 1) {
    fields.push({ part: 'payload', label: byteLabel(frame, wire, index), from: index * 8, bits: 8 });
  }
  return fields;
}

/** 70 ⊕ 3d = 4d M: the byte on the wire, its byte of the key, what they make. */
function byteLabel(frame, wire, index) {
  const byte = wire[index];
  if (frame.key === null) return `${hexOf(byte)} ${charOf(byte)}`;
  const key = bytesOfHex(frame.key)[(index - frame.headerBytes) % 4];
  return `${hexOf(byte)} \u2295 ${hexOf(key)} = ${hexOf(byte ^ key)} ${charOf(byte ^ key)}`;
}

function shortLengthLabel(frame) {
  if (frame.form === '7+16') return '126: 16 bits follow';
  if (frame.form === '7+64') return '127: 64 bits follow';
  return `length ${frame.length}`;
}

/** Cuts a field where a row ends: a masking key may begin in the middle of one. */
function piecesOf(field, perRow) {
  const pieces = [];
  let from = field.from;
  let left = field.bits;
  while (left > 0) {
    const column = from % perRow;
    const bits = Math.min(left, perRow - column);
    const more = left < field.bits;
    pieces.push({ ...field, row: Math.floor(from / perRow), column, bits, from, label: more ? '' : field.label, more });
    from += bits;
    left -= bits;
  }
  return pieces;
}

function cell(piece, bitText) {
  const bits = el('span', 'figure-bits', ...Array.from(bitText, (bit) => el('span', '', bit)));
  bits.style.gridTemplateColumns = `repeat(${piece.bits}, 1fr)`;
  const node = el('div', `figure-cell ${piece.part}`, bits);
  if (piece.bits === 1)
    node.append(el('span', 'figure-stack', ...Array.from(piece.label, (letter) => el('span', '', letter))));
  else node.append(el('span', 'figure-label', piece.label === '' ? '\u2026' : piece.label));
  node.style.gridColumn = `${piece.column + 1} / span ${piece.bits}`;
  node.style.gridRow = String(piece.row + 2);
  if (piece.bits === 1) node.classList.add('single');
  return node;
}

/** Screen readers get the fields as a sentence; the drawing itself is an image to them. */
function spoken(frame) {
  const flags = `FIN ${Number(frame.fin)}, RSV ${Number(frame.rsv1)}${Number(frame.rsv2)}${Number(frame.rsv3)}`;
  const mask = frame.key === null ? 'MASK 0' : `MASK 1, key ${frame.key}`;
  return `Bits: ${flags}, opcode ${frame.opcode}, ${mask}, length ${frame.length} in ${frame.form} bits`;
}

export function figureOf(frame, wire, perRow) {
  const bitText = Array.from(wire, bitsOf).join('');
  const ruler = Array.from({ length: perRow }, (_, index) => {
    const mark = el('span', 'figure-mark', String(index % 8 === 0 ? index : index % 10));
    mark.style.gridColumn = String(index + 1);
    if (index % 8 === 0) mark.classList.add('octet');
    return mark;
  });
  const cells = fieldsOf(frame, wire)
    .flatMap((field) => piecesOf(field, perRow))
    .map((piece) => cell(piece, bitText.slice(piece.from, piece.from + piece.bits)));
  const drawing = elWith('div', { class: 'figure', role: 'img', 'aria-label': spoken(frame) }, ...ruler, ...cells);
  drawing.style.gridTemplateColumns = `repeat(${perRow}, minmax(0, 1fr))`;
  const hidden = frame.length - Math.min(SHOWN_PAYLOAD, Math.max(0, wire.length - frame.headerBytes));
  if (hidden <= 0) return [drawing];
  return [drawing, el('p', 'figure-rest', `\u2026 and ${grouped(hidden)} more payload byte${hidden === 1 ? '' : 's'}`)];
}
