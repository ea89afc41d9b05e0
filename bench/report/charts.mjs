/**
 * Charts of the newest results as SVG.
 *
 * Knows: vega-lite, which draws without a DOM; which charts there are.
 * Does not know: where they are shown.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../lib/statistics.mjs';
import { colorOf, INK, lightAndDark } from './palette.mjs';
import { sizeName } from './rows.mjs';

/** @typedef {import('../lib/results.mjs').Result} Result */

const ECHO_CASES = new Map([
  ['binary-16-1x256', '16 B, 1 × 256'],
  ['binary-125-64x16', '125 B, 64 × 16'],
  ['binary-1024-16x16', '1 KiB, 16 × 16'],
  ['binary-16384-8x4', '16 KiB, 8 × 4'],
  ['binary-1000000-2x1', '1 MB, 2 × 1'],
  ['binary-16-64x1', '16 B, 64 × 1'],
]);
const DECODE_CASES = new Map(
  [16, 125, 1_024, 16_384, 65_536, 1_048_576].map((size) => [`decode-${size}`, sizeName(size)]),
);

const LOOK = {
  font: 'system-ui, sans-serif',
  view: { stroke: INK.line },
  title: { color: INK.text, fontSize: 16, anchor: 'start', offset: 14 },
  axis: {
    labelColor: INK.aside,
    titleColor: INK.aside,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    gridColor: INK.line,
    domainColor: INK.line,
    tickColor: INK.line,
  },
  legend: { orient: 'bottom', columns: 3, labelColor: INK.text, labelFontSize: 13, labelLimit: 0, offset: 14 },
};

/** Draws what there are results for. @param {Map<string, Result>} results @param {string} folder */
export async function drawCharts(results, folder) {
  const unmask = results.get('unmask');
  const echo = results.get('echo');
  const codec = results.get('codec');
  /** @type {[string, object | null][]} */
  const charts = [
    ['unmask', unmask === undefined ? null : throughput(unmask)],
    [
      'echo',
      echo === undefined ? null : bars(echo, ECHO_CASES, 'Echo, messages a second (payload, connections × in flight)'),
    ],
    ['decode', codec === undefined ? null : bars(codec, DECODE_CASES, 'Decoding masked frames, frames a second')],
  ];
  const written = [];
  for (const [name, spec] of charts) {
    if (spec === null) continue;
    writeFileSync(join(folder, `${name}.svg`), `${await svgOf(spec)}\n`);
    written.push(`${name}.svg`);
  }
  return written;
}

/** @param {object} spec @returns {Promise<string>} */
async function svgOf(spec) {
  const [vega, vegaLite] = await Promise.all(['vega', 'vega-lite'].map((name) => import(name)));
  const { spec: compiled } = vegaLite.compile({
    background: INK.ground,
    padding: 16,
    width: 760,
    config: LOOK,
    ...spec,
  });
  return lightAndDark(await new vega.View(vega.parse(compiled), { renderer: 'none' }).toSVG());
}

/** Contestants that have a value here, each with its label: others may take part in other cases. @param {Result} result @param {readonly { label: string }[]} values */
function shown({ labels }, values) {
  return Object.entries(labels).filter(([, name]) => values.some(({ label }) => label === name));
}

/** A colour for each contestant, by the label that the legend shows. @param {ReturnType<typeof shown>} contestants */
function colors(contestants) {
  const scale = { domain: contestants.map(([, label]) => label), range: contestants.map(([id]) => colorOf(id)) };
  return { field: 'label', scale, title: null };
}

/** @param {Result} result */
function throughput(result) {
  const values = Object.entries(result.figures).flatMap(([id, byContestant]) => {
    const size = Number(/^run-(\d+)$/.exec(id)?.[1]);
    if (Number.isNaN(size)) return [];
    return medians(result, byContestant, 'bytesPerSecond').map(({ label, value }) => ({
      size,
      label,
      value: value / 1e9,
    }));
  });
  return {
    title: 'Unmasking one payload in place, by its size',
    height: 320,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: 'size',
        type: 'quantitative',
        scale: { type: 'log', base: 2 },
        axis: sizeAxis(values),
        title: 'payload',
      },
      y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: 'GB/s' },
      color: colors(shown(result, values)),
    },
  };
}

/** @param {readonly { size: number }[]} values */
function sizeAxis(values) {
  const sizes = [...new Set(values.map(({ size }) => size))];
  const names = Object.fromEntries(sizes.map((size) => [size, sizeName(size)]));
  return { values: sizes, labelExpr: `(${JSON.stringify(names)})[datum.value]` };
}

/** Bars as multiples of ws, as rates of 16 B and of 1 MB do not share a scale. @param {Result} result @param {Map<string, string>} names @param {string} title */
function bars(result, names, title) {
  const values = [...names].flatMap(([id, name]) => {
    const all = medians(result, result.figures[id] ?? {}, 'perSecond');
    const ws = all.find(({ label }) => label === result.labels.ws)?.value ?? Number.NaN;
    return all.map(({ label, value }) => ({ name, label, value: value / ws }));
  });
  const contestants = shown(result, values);
  return {
    title,
    height: 300,
    data: { values },
    mark: 'bar',
    encoding: {
      x: { field: 'name', sort: [...names.values()], title: null, axis: { labelAngle: 0 } },
      xOffset: { field: 'label', sort: contestants.map(([, label]) => label) },
      y: { field: 'value', type: 'quantitative', title: 'times ws + bufferutil' },
      color: colors(contestants),
    },
  };
}

/** @param {Result} result @param {Record<string, import('../lib/compete.mjs').Measured[]>} byContestant @param {string} metric */
function medians({ labels }, byContestant, metric) {
  return Object.entries(byContestant).flatMap(([id, turns]) => {
    const label = labels[id];
    return label === undefined ? [] : [{ label, value: median(turns.map((turn) => turn[metric] ?? Number.NaN)) }];
  });
}
