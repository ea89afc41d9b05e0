/**
 * The strings of a puppet in a web page. `report` is a binding of the test; orders come by calling `obey`.
 *
 * Knows: what puppet.mjs knows, in a browser's words.
 * Does not know: which browser this is.
 */
{
  let socket;

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

  async function reportMessage(id, data) {
    const isText = typeof data === 'string';
    const bytes = isText ? new TextEncoder().encode(data) : new Uint8Array(data);
    const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes));
    report({ event: 'message', id, type: isText ? 'text' : 'binary', bytes: bytes.length, sha256 });
  }

  const orders = {
    connect({ id, url, subprotocols }) {
      socket = new WebSocket(url, subprotocols ?? []);
      socket.binaryType = 'arraybuffer';
      socket.onopen = ({ target: { protocol, extensions } }) =>
        report({ event: 'open', id, subprotocol: protocol, extensions });
      socket.onmessage = ({ data }) => reportMessage(id, data);
      socket.onerror = () => report({ event: 'error', id });
      socket.onclose = ({ code, reason }) => report({ event: 'close', id, code, reason });
    },
    text: ({ base64 }) => socket.send(new TextDecoder().decode(bytesOf(base64))),
    binary: ({ base64 }) => socket.send(bytesOf(base64)),
    close: ({ code, reason }) => socket.close(code, reason),
  };

  globalThis.obey = ({ order, ...details }) => orders[order](details);
}
