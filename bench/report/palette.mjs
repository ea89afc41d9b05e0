/**
 * The colours of the charts, for pages that are light and for pages that are dark.
 *
 * Knows: a colour for each contestant, the same in every chart, and how one SVG is both.
 * Does not know: what is drawn.
 */

/** Of a light page: text, text beside, lines, ground. */
export const INK = { text: '#1f2328', aside: '#59636e', line: '#d8dee4', ground: '#ffffff' };

const FALLBACK = '#6b7280';

/** By contestant. What is ours is warm. @type {Readonly<Record<string, string>>} */
const COLORS = {
  framepipe: '#d9480f',
  'framepipe-listener': '#f0761f',
  stages: '#b7791f',
  'stages-app': '#7c5200',
  ws: '#1864ab',
  bufferutil: '#1864ab',
  'ws-js': '#4a98d9',
  bun: '#2b8a3e',
  'websocket-driver': '#9c36b5',
};

/** What each colour becomes on a dark page. @type {Readonly<Record<string, string>>} */
const DARK = {
  [INK.text]: '#dde3ea',
  [INK.aside]: '#93a1b0',
  [INK.line]: '#2f3842',
  [INK.ground]: '#0f1419',
  [FALLBACK]: '#9aa4b2',
  '#d9480f': '#ff6b2c',
  '#f0761f': '#ffa066',
  '#b7791f': '#ffd43b',
  '#7c5200': '#c9a227',
  '#1864ab': '#3b9cf0',
  '#4a98d9': '#a5d8ff',
  '#2b8a3e': '#51cf66',
  '#9c36b5': '#da77f2',
};

/** @param {string} contestant */
export function colorOf(contestant) {
  return COLORS[contestant] ?? FALLBACK;
}

/**
 * `svg`, whose colours follow the reader's system: as attributes those of a light page, which any viewer understands, and a
 * style that replaces them on a dark one. @param {string} svg
 */
export function lightAndDark(svg) {
  const rules = Object.entries(DARK).map(
    ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`;
  return svg.replace(/^<svg[^>]*>/, (opening) => `${opening}${style}`);
}
