/**
 * The lines that `framepipe decode` prints.
 *
 * Knows: what kind of capture it is, and what is to be said of its connections.
 * Does not know: files, the screen beyond its width.
 */
import type { Role } from '../../codec/frame.js';
import { type Direction, type Finding, findingsIn, findingsOf } from '../capture/finding.js';
import { jsonLine, type Place, type TableOptions, tableHeading, tableRow } from '../capture/finding-text.js';
import { segmentOf } from '../capture/packet.js';
import { isPcap, type Packet, pcapPackets } from '../capture/pcap.js';
import { isPcapng, pcapngPackets } from '../capture/pcapng.js';
import { CaptureError, rawCapture } from '../capture/raw.js';
import { TcpReassembly } from '../capture/tcp.js';
import { type CapturedWebSocket, webSocketOf } from '../capture/upgrade.js';
import { cutTo, oneLine } from '../terminal-text.js';
import { Inflations } from './inflation.js';

/** How a capture is read and shown. */
export interface DecodeOptions {
  readonly json: boolean;
  /** Who sent raw bytes; null: their mask bit tells. */
  readonly role: Role | null;
  /** What the 101 agreed on, for raw bytes without it. */
  readonly extensions: string | null;
  readonly maxFrameBytes: number;
  /** The width of the screen. */
  readonly columns: number;
}

/** A line for stdout, and whether it tells of a fault. */
export interface Line {
  readonly text: string;
  readonly isFault: boolean;
}

/** The lines of a capture, of whatever kind. Throws a CaptureError where it cannot be read any further. */
export function decodeLines(capture: Buffer, options: DecodeOptions): Generator<Line> {
  if (isPcap(capture)) return packetLines(pcapPackets(capture), options);
  if (isPcapng(capture)) return packetLines(pcapngPackets(capture), options);
  return rawLines(capture, options);
}

function* rawLines(capture: Buffer, options: DecodeOptions): Generator<Line> {
  const { from, bytes, extensions } = rawCapture(capture, options.role);
  const table = { since: null, columns: options.columns };
  const direction = {
    from,
    pieces: [{ bytes, ms: null }],
    missingBytes: 0,
    maxFrameBytes: options.maxFrameBytes,
    inflation: new Inflations().of(from, extensions ?? options.extensions),
  };
  if (!options.json) yield plain(tableHeading(table));
  for (const finding of findingsIn(direction)) yield lineOf(finding, options, table, null);
}

function* packetLines(packets: Generator<Packet>, options: DecodeOptions): Generator<Line> {
  const { reassembly, since, damage } = gather(packets);
  const inflations = new Inflations();
  let connection = 0;
  let leftOut = 0;
  for (const conversation of reassembly.conversations()) {
    const socket = webSocketOf(conversation);
    if (socket === null) leftOut++;
    else yield* socketLines(socket, ++connection, { since, columns: options.columns }, options, inflations);
  }
  if (damage !== null) throw damage;
  if (connection === 0) {
    const others = leftOut === 1 ? 'one TCP connection' : `${leftOut} TCP connections`;
    throw new CaptureError(`There is no handshake of a WebSocket in the capture, which has ${others}.`);
  }
}

/** Everything up to the end of the capture, or to where it is damaged: what came before that is good. */
function gather(packets: Generator<Packet>): { reassembly: TcpReassembly; since: number; damage: CaptureError | null } {
  const reassembly = new TcpReassembly();
  let since: number | null = null;
  let damage: CaptureError | null = null;
  try {
    for (const packet of packets) {
      since ??= packet.ms;
      const segment = segmentOf(packet);
      if (segment !== null) reassembly.add(segment);
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    damage = error;
  }
  return { reassembly, since: since ?? 0, damage };
}

function* socketLines(
  socket: CapturedWebSocket,
  connection: number,
  table: TableOptions,
  options: DecodeOptions,
  inflations: Inflations,
): Generator<Line> {
  const [client, server] = [socket.client.source, socket.server.source];
  if (!options.json) {
    if (connection > 1) yield plain('');
    const agreed = socket.extensions === null ? '' : `  (${socket.extensions})`;
    yield plain(cutTo(oneLine(`${client} → ${server}  ${socket.request}${agreed}`), options.columns));
    yield plain(tableHeading(table));
  }
  const directionOf = (from: Role): Direction => ({
    from,
    ...socket[from],
    maxFrameBytes: options.maxFrameBytes,
    inflation: inflations.of(from, socket.extensions),
  });
  for (const finding of findingsOf(directionOf('client'), directionOf('server'))) {
    yield lineOf(finding, options, table, { connection, client, server });
  }
}

function plain(text: string): Line {
  return { text, isFault: false };
}

function lineOf(finding: Finding, { json }: DecodeOptions, table: TableOptions, place: Place | null): Line {
  return { text: json ? jsonLine(finding, place) : tableRow(finding, table), isFault: finding.type === 'fault' };
}
