/** What is refused with no option set, on each transport, in both roles, by the WebSocket and by stages that a user has composed. */
import { Writable } from 'node:stream';
import { ControlResponder } from '../../src/codec/stream/control-responder.js';
import { FrameDecoder } from '../../src/codec/stream/frame-decoder.js';
import { FrameEncoder } from '../../src/codec/stream/frame-encoder.js';
import { MessageDecoder } from '../../src/codec/stream/message-decoder.js';
import { BREACHES, toClient, toServer } from '../support/breaches.js';
import { LIBRARIES, pipelineEnd } from '../support/streams.js';
import { TLS_TRANSPORT } from '../support/tls-transport.js';
import { afterTest, facing, lifeOf, TRANSPORTS } from '../support/web-sockets.js';

const [node] = LIBRARIES as [(typeof LIBRARIES)[number]];

describe.each([...TRANSPORTS, TLS_TRANSPORT])('over $name', ({ open }) => {
  describe.each([
    ['server', toServer],
    ['client', toClient],
  ] as const)('a %s', (role, to) => {
    test.each(BREACHES)('refuses %s with %i', async (_, code, wire, shown) => {
      const { ws, peer } = await facing({ role, ends: await open() });
      const { over } = lifeOf(ws.resume());
      peer.send(wire(to).subarray(0, shown));
      expect(await peer.closed()).toMatchObject({ code });
      expect(await over).toMatchObject({ code });
    });

    test.each(BREACHES)('composed of stages ends with an error at %s: %i', async (_, code, wire) => {
      const [near, far] = await open();
      afterTest(() => far.destroy());
      const encoder = new FrameEncoder({ role });
      const stages = [new FrameDecoder({ role }), new ControlResponder({ encoder }), new MessageDecoder()];
      const sink = new Writable({ objectMode: true, write: (_, __, done) => done() });
      const { ended } = pipelineEnd(node, near, ...stages, sink);
      far.on('error', () => {}).write(wire(to));
      expect(await ended).toMatchObject({ closeCode: code });
    });
  });
});
