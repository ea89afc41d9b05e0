/**
 * `framepipe/arbitraries`: generators for property tests of WebSocket code, with fast-check. See docs/fuzz-your-server.md.
 *
 * Knows: which of them are public.
 * Does not know: how they are made.
 */
export {
  type BrokenWire,
  type BrokenWireOptions,
  brokenWires,
  type WireViolation,
  wireViolations,
} from './broken-wires.js';
export { type Chunking, type CutPlace, type Cuttable, chunkings, cutBy } from './chunkings.js';
export { brokenDeflateOffers, deflateOffers, extensionOffers } from './extension-offers.js';
export { type ArbitraryRequest, type BrokenRequest, brokenRequests, handshakeRequests } from './handshake-requests.js';
export {
  type ArbitraryOffer,
  type ArbitraryResponse,
  type BrokenResponse,
  brokenResponses,
  handshakeResponses,
} from './handshake-responses.js';
export {
  type ArbitraryMessage,
  closeCodes,
  closeFrames,
  controlFrames,
  type Fragmentation,
  type FrameSequence,
  fragmentations,
  frameSequences,
  frames,
  messages,
  type SequenceLimit,
} from './messages.js';
export { almostUtf8, type BadUtf8, badUtf8, maskKeys, payloads, type SizeLimit, texts } from './payloads.js';
export {
  type BrokenCompressedWireOptions,
  brokenCompressedWires,
  type CompressedWireOptions,
  type CompressedWireViolation,
  compressedWires,
} from './stream/compressed-wires.js';
export {
  type BrokenDeflateStream,
  brokenDeflateStreams,
  type DeflateBlock,
  type DeflateStream,
  type DeflateTerms,
  deflateStreams,
} from './stream/deflate-streams.js';
export {
  type Endpoint,
  type EndpointClose,
  type EndpointCommand,
  type EndpointCommandOptions,
  type EndpointModel,
  type EndpointsUnderTest,
  endpointCommands,
} from './stream/endpoint-commands.js';
export { type EndpointRunOptions, type MakeEndpoints, runEndpoints } from './stream/endpoint-runs.js';
export {
  type FuzzCase,
  type FuzzFailure,
  type FuzzOptions,
  type FuzzReport,
  fuzzServer,
} from './stream/fuzz-server.js';
export { type LinkEnd, type LinkPlan, LossyLink, linkPlans } from './stream/lossy-link.js';
export { hostileWires, type Wire, wires } from './wires.js';
