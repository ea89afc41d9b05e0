/**
 * Where the bytes are: four places between send() and the echo's return, as levels in a pipe and as a chart over time.
 *
 * Knows: how the page's own counters and the server's add up. Every payload byte that was sent is in exactly one of
 * browser, network, stages, return, or it has come back.
 * Does not know: the wire's overhead. All numbers are payload bytes, except what the server's socket holds unread.
 *
 * The two ends are not read at the same instant, so a difference may be off by what moved in between; it is clamped at
 * zero, and exact when nothing moves.
 */
import { el, elWith } from './dom.js';
import { grouped, sizeText } from './format.js';

const SAMPLE_MS = 100;
const SAMPLES = 200;
const SMALLEST_SCALE = 1024 * 1024;
const PLACES = ['browser', 'network', 'stages', 'returning'];
const IDLE = { paused: false, payloadIn: 0, taken: 0, payloadOut: 0, socketHolds: 0 };

export class Pipe {
  #channel;
  #parts;
  #server = IDLE;
  #samples = [];
  #timer = null;
  #quiet = 0;

  constructor(channel, parts) {
    this.#channel = channel;
    this.#parts = parts;
    this.redraw();
  }

  get paused() {
    return this.#server.paused;
  }

  /** A line of numbers from the server, or null when a new echo socket begins at zero. */
  update(numbers) {
    this.#server = numbers ?? IDLE;
    this.wake();
  }

  /** Samples ten times a second until nothing has been in flight for a second. */
  wake() {
    this.#quiet = 0;
    this.#timer ??= setInterval(() => this.#tick(), SAMPLE_MS);
  }

  redraw() {
    this.#draw(this.#holdings());
  }

  #tick() {
    const now = this.#holdings();
    this.#samples.push(PLACES.map((place) => now[place]));
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#draw(now);
    this.#quiet = now.inFlight === 0 && !this.paused ? this.#quiet + 1 : 0;
    if (this.#quiet < 10) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #holdings() {
    const { sent, received, buffered } = this.#channel;
    const { payloadIn, taken, socketHolds } = this.#server;
    const browser = Math.min(buffered, sent);
    const stages = Math.max(0, payloadIn - taken + socketHolds);
    const network = Math.max(0, sent - browser - payloadIn - socketHolds);
    const returning = Math.max(0, taken - received);
    return { browser, network, stages, returning, inFlight: Math.max(0, sent - received), sent, received };
  }

  #draw(now) {
    const { tube, total, ledger, pause } = this.#parts;
    const scale = Math.max(SMALLEST_SCALE, ...PLACES.map((place) => now[place]));
    for (const place of PLACES) {
      const segment = tube.querySelector(`[data-at="${place}"]`);
      segment.querySelector('.held').textContent = sizeText(now[place]);
      segment.querySelector('.fill').style.setProperty('--level', levelOf(now[place], scale).toFixed(4));
    }
    tube.dataset.valve = this.paused ? 'closed' : 'open';
    pause.setAttribute('aria-pressed', String(this.paused));
    pause.textContent = this.paused ? 'Open the valve' : 'Close the valve';
    total.textContent = sizeText(now.inFlight);
    total.dataset.bytes = String(now.inFlight);
    ledger.replaceChildren(...ledgerOf(now));
    this.#drawChart();
  }

  #drawChart() {
    const canvas = this.#parts.chart;
    const ratio = window.devicePixelRatio;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const colours = PLACES.map((place) => colourOf(this.#parts.tube, place));
    const peak = Math.max(
      SMALLEST_SCALE,
      ...this.#samples.map((sample) => sample.reduce((sum, held) => sum + held, 0)),
    );
    const ink = getComputedStyle(canvas).color;
    drawGrid(pen, width, height, ink);
    drawBands(pen, width, height, peak, this.#samples, colours);
    drawLabels(pen, height, peak, ink);
    if (this.#samples.length === 0) drawPromise(pen, width, height);
  }
}

/** A byte is visible, and a full scale is full: the square root keeps small amounts from looking like nothing. */
function levelOf(held, scale) {
  return held === 0 ? 0 : Math.max(0.04, Math.sqrt(held / scale));
}

function ledgerOf({ sent, received, inFlight }) {
  if (sent === 0) return ['Nothing sent yet.'];
  const parts = [
    elWith('b', { id: 'sent' }, grouped(sent)),
    ' sent, ',
    elWith('b', { id: 'echoed' }, grouped(received)),
    ' echoed',
  ];
  return inFlight === 0 ? [...parts, el('span', 'drained', ' \u2013 drained, nothing lost.')] : [...parts, '.'];
}

function colourOf(tube, place) {
  return getComputedStyle(tube.querySelector(`[data-at="${place}"] .fill`)).backgroundColor;
}

function drawGrid(pen, width, height, ink) {
  pen.strokeStyle = ink;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.25;
  for (let second = 0; second <= 20; second += 5) {
    const x = Math.round(width - (second / 20) * width) + 0.5;
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x, height);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

function drawLabels(pen, height, peak, ink) {
  pen.fillStyle = ink;
  pen.font = `11px ${getComputedStyle(document.body).getPropertyValue('--mono')}`;
  pen.fillText(sizeText(peak), 4, 12);
  pen.fillText('20 s ago', 4, height - 5);
}

function drawPromise(pen, width, height) {
  pen.font = `italic 15px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = 'center';
  pen.fillText('what is in flight, by place, as it changes', width / 2, height / 2 + 5);
}

/** Stacked from the bottom: what is nearest to coming back lies lowest, the browser on top. */
function drawBands(pen, width, height, peak, samples, colours) {
  const step = width / SAMPLES;
  const left = width - samples.length * step;
  samples.forEach((sample, index) => {
    let base = height;
    for (let place = PLACES.length - 1; place >= 0; place -= 1) {
      const tall = (sample[place] / peak) * (height - 16);
      pen.fillStyle = colours[place];
      pen.fillRect(left + index * step, base - tall, step + 0.5, tall);
      base -= tall;
    }
  });
}
