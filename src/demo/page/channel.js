/**
 * The two sockets of the page: `/echo`, which is the one being watched, and `/frames`, on which the server tells what it
 * saw on the first.
 *
 * Knows: the order (watch first, so that no frame is missed), the JSON lines, and what has been sent and received.
 * Does not know: how any of it is drawn.
 */
import { utf8Length } from './format.js';

export class Channel extends EventTarget {
  #id = randomId();
  #watch = null;
  #echo = null;
  /** Payload bytes since the echo socket opened. */
  sent = 0;
  received = 0;

  /** What the browser still holds: accepted by send(), not yet given to the system. */
  get buffered() {
    return this.#echo?.bufferedAmount ?? 0;
  }

  get open() {
    return this.#echo?.readyState === WebSocket.OPEN;
  }

  /** True while the server can tell what it sees. */
  get watching() {
    return this.#watch?.readyState === WebSocket.OPEN;
  }

  /** Opens what is not open. */
  connect() {
    this.#say('wait', 'Connecting');
    if (this.watching) {
      this.#openEcho();
      return;
    }
    this.#watch = new WebSocket(this.#url('/frames'));
    this.#watch.addEventListener('open', () => this.#openEcho());
    this.#watch.addEventListener('message', (event) => this.#heard(JSON.parse(event.data)));
    this.#watch.addEventListener('close', () => {
      if (this.#echo === null) this.#say('off', 'The server is not answering');
    });
  }

  /** Sends a text (string) or binary (bytes) message. */
  send(message) {
    if (!this.open) return;
    this.#echo.send(message);
    this.sent += sizeOf(message);
    this.#emit('moved');
  }

  /** Throws a DOMException with a readable message when the browser refuses the code or the reason. */
  close(code, reason) {
    this.#echo?.close(code, reason);
    this.#say('wait', 'Closing');
  }

  /** A command for the server: ping, pause, resume, fragments, lab. */
  command(command) {
    if (this.watching) this.#watch.send(JSON.stringify(command));
  }

  #openEcho() {
    const socket = new WebSocket(this.#url('/echo'));
    socket.binaryType = 'arraybuffer';
    this.#echo = socket;
    this.sent = 0;
    this.received = 0;
    socket.addEventListener('open', () => this.#say('on', 'Connected'));
    socket.addEventListener('message', (event) => {
      this.received += sizeOf(event.data);
      this.#emit('moved');
    });
    socket.addEventListener('close', (event) => {
      this.#echo = null;
      const reason = event.reason === '' ? '' : `: ${event.reason}`;
      this.#say('off', event.code === 1006 ? 'Lost, without a close frame (1006)' : `Closed ${event.code}${reason}`);
    });
  }

  #heard(line) {
    this.#emit(line.type, line);
  }

  #say(state, text) {
    this.#emit('status', { state, text });
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #url(path) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    return `${scheme}://${location.host}${path}?watch=${this.#id}`;
  }
}

function sizeOf(message) {
  return typeof message === 'string' ? utf8Length(message) : message.byteLength;
}

/** 128 bits in hex. Not crypto.randomUUID, which a page served over plain HTTP from another machine does not have. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
