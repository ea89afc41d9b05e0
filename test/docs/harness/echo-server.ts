/**
 * For a block that connects to ws://localhost:8080: an echo server there, in the same process.
 *
 * Knows: how to echo with the stages. Does not know: the block.
 */
import net from 'node:net';
import { pipeline } from 'node:stream';
import { ControlResponder, FrameDecoder, FrameEncoder, MessageDecoder, MessageEncoder, ServerUpgrade } from 'framepipe';

const server = net.createServer((socket) => {
  const bytes = new ServerUpgrade(socket);
  const encoder = new FrameEncoder({ role: 'server' });
  const stages = [new FrameDecoder({ role: 'server' }), new ControlResponder({ encoder }), new MessageDecoder()];
  pipeline([bytes, ...stages, new MessageEncoder(), encoder, bytes], (error) => {
    if (error) throw error;
  });
});
server.listen(8080);

export function after(): void {
  server.close();
}
