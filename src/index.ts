/**
 * What `import … from 'framepipe'` gives.
 */
export { type CloseReason, isWireCloseCode } from './codec/close-code.js';
export { type Frame, Opcode, type Role } from './codec/frame.js';
export { type Mask, unmask } from './codec/mask.js';
export type { MaskKeySource } from './codec/mask-keys.js';
export type { Message } from './codec/message-assembler.js';
export { ControlResponder, type ControlResponderOptions } from './codec/stream/control-responder.js';
export { FrameDecoder, type FrameDecoderOptions } from './codec/stream/frame-decoder.js';
export { FrameEncoder, type FrameEncoderOptions } from './codec/stream/frame-encoder.js';
export { MessageDecoder, type MessageDecoderOptions } from './codec/stream/message-decoder.js';
export { type EncodableMessage, MessageEncoder, type MessageEncoderOptions } from './codec/stream/message-encoder.js';
export {
  ConnectionError,
  HandshakeError,
  LimitError,
  ProtocolError,
  UsageError,
  VIOLATIONS,
  WebSocketError,
} from './errors.js';
