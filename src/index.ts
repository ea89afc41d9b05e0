/**
 * What `import … from 'framepipe'` gives.
 *
 * Knows: which names are public. Everything else in this package may change without notice.
 * Does not know: anything else.
 */
export type { AdmissionOptions, Decision, ServerOptions } from './admission.js';
export type { SlowConsumerPolicy } from './broadcast/client-queue.js';
export type { BroadcastClientStats, BroadcastStats } from './broadcast/stats.js';
export { Broadcast } from './broadcast/stream/broadcast.js';
export type {
  BroadcastClientOptions,
  BroadcastFilter,
  BroadcastMessage,
  BroadcastMessageOptions,
  BroadcastOptions,
} from './broadcast/stream/options.js';
export { type ConnectOptions, connect } from './client.js';
export { type CloseReason, isWireCloseCode } from './codec/close-code.js';
export { type Frame, Opcode, type Role } from './codec/frame.js';
export { type Mask, unmask } from './codec/mask.js';
export type { MaskKeySource } from './codec/mask-keys.js';
export type { Message } from './codec/message-assembler.js';
export type { UnmaskMode } from './codec/payload-memory.js';
export { ControlResponder, type ControlResponderOptions } from './codec/stream/control-responder.js';
export { FrameDecoder, type FrameDecoderOptions } from './codec/stream/frame-decoder.js';
export { FrameEncoder, type FrameEncoderOptions } from './codec/stream/frame-encoder.js';
export { MessageDecoder, type MessageDecoderOptions } from './codec/stream/message-decoder.js';
export { type EncodableMessage, MessageEncoder, type MessageEncoderOptions } from './codec/stream/message-encoder.js';
export type { ServerEvents } from './connection-queue.js';
export { deflateNegotiator, deflateOffer, judgeDeflateAnswer } from './deflate/negotiate.js';
export { type DeflateOptions, type DeflateSettings, deflateSettings } from './deflate/options.js';
export type { ElementParameter, ExtensionElement } from './deflate/params.js';
export { Compression, type ContextCounts } from './deflate/stream/compression.js';
export { FrameDeflater, type FrameDeflaterOptions } from './deflate/stream/frame-deflater.js';
export { FrameInflater, type FrameInflaterOptions } from './deflate/stream/frame-inflater.js';
export type { Agreement, WebSocketEvents, WebSocketStats } from './duplex/agreement.js';
export type { ClosedPromise, CloseInfo } from './duplex/closing.js';
export { MessageStream } from './duplex/message-stream.js';
export type {
  AbandonPolicy,
  ItemsRead,
  KeepAliveOptions,
  ReadAs,
  WebSocketDuplexOptions,
  WebSocketOptions,
} from './duplex/options.js';
export type { MessageOptions, MessagePieces, WritableMessage } from './duplex/outgoing.js';
export { PreparedMessage, prepare } from './duplex/prepared-message.js';
export { WebSocketDuplex } from './duplex/websocket-duplex.js';
export {
  ConnectionError,
  type Facts,
  type Fault,
  HandshakeError,
  LimitError,
  ProtocolError,
  UsageError,
  VIOLATIONS,
  type Violation,
  type ViolationName,
  WebSocketError,
} from './errors.js';
export { acceptKey } from './handshake/accept-key.js';
export type { ClientOptions } from './handshake/client-options.js';
export type { Extension, ExtensionParameter } from './handshake/extensions.js';
export type { RequestHead, ResponseHead } from './handshake/head.js';
export {
  type Accepted,
  type ExtensionNegotiator,
  type JudgeOptions,
  judgeRequest,
  type Verdict,
} from './handshake/judge-request.js';
export { type Grant, judgeResponse, type Offer, type ResponseVerdict } from './handshake/judge-response.js';
export type { OriginOption } from './handshake/origin.js';
export type { HeaderFields, RefusalResponse } from './handshake/response-head.js';
export {
  ClientUpgrade,
  type ClientUpgradeEvent,
  type ClientUpgradeOptions,
} from './handshake/stream/client-upgrade.js';
export type { DialOptions } from './handshake/stream/dial.js';
export {
  ServerUpgrade,
  type ServerUpgradeEvent,
  type ServerUpgradeOptions,
} from './handshake/stream/server-upgrade.js';
export type { SubprotocolOption } from './handshake/subprotocol.js';
export type { Refused } from './handshake/verdict.js';
export type { UpgradableServer } from './intake.js';
export {
  type ConnectionListener,
  type CreateServerOptions,
  createServer,
  type DrainOptions,
  WebSocketServer,
} from './server.js';
