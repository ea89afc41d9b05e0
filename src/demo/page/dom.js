/**
 * A small element builder, so that the views read like the markup they make.
 *
 * Knows: how to make elements without innerHTML, which keeps payloads from ever becoming markup.
 * Does not know: what they are for.
 */

/** el('p', 'hint', 'Some ', el('b', '', 'text')) */
export function el(tag, classes = '', ...children) {
  const node = document.createElement(tag);
  if (classes !== '') node.className = classes;
  node.append(...children);
  return node;
}

/** The same, with attributes. */
export function elWith(tag, attributes, ...children) {
  const node = el(tag, '', ...children);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`The page has no #${id}`);
  return node;
}
