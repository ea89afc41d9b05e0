/**
 * The closing handshake (RFC 6455 §7.1) as a total table.
 *
 * Knows: which phase we are in, and what each input does to it. Both ends run the same table.
 * Does not know: roles, sockets, timers, frames; src/duplex carries the actions out.
 */

/** Whose close frame is on the wire: nobody's, ours, the peer's, both, or the wire was lost before both were. */
export type ClosePhase = 'open' | 'sent' | 'received' | 'both' | 'lost';

export type CloseInput =
  /** Our close frame was written. */
  | 'we-send'
  /** The peer's close frame arrived. */
  | 'peer-sends'
  /** The peer sends no more bytes: a FIN, or the end of an HTTP/2 stream. */
  | 'reading-ends'
  /** The transport is gone, both ways. */
  | 'wire-dies'
  /** The time for the rest of the handshake has passed. */
  | 'time-runs-out';

export type CloseAction =
  | 'nothing'
  /** Wait for the peer's close frame, for a limited time. */
  | 'await-peer'
  /** Send what is queued, then our own close frame, in a limited time. */
  | 'answer'
  /** Both sides have spoken: end the transport. */
  | 'finish'
  /** Fail: the connection was cut off. */
  | 'cut-off'
  /** Fail: the peer, or our own app, took too long. */
  | 'too-late';

interface Cell {
  readonly next: ClosePhase;
  readonly action: CloseAction;
}

const cell = (next: ClosePhase, action: CloseAction): Cell => ({ next, action });

const LOST = cell('lost', 'cut-off');

export const CLOSING: Readonly<Record<ClosePhase, Readonly<Record<CloseInput, Cell>>>> = {
  open: {
    'we-send': cell('sent', 'await-peer'),
    'peer-sends': cell('received', 'answer'),
    'reading-ends': LOST,
    'wire-dies': LOST,
    'time-runs-out': cell('open', 'nothing'),
  },
  sent: {
    'we-send': cell('sent', 'nothing'),
    'peer-sends': cell('both', 'finish'),
    'reading-ends': LOST,
    'wire-dies': LOST,
    'time-runs-out': cell('lost', 'too-late'),
  },
  received: {
    'we-send': cell('both', 'finish'),
    'peer-sends': cell('received', 'nothing'),
    'reading-ends': cell('received', 'nothing'),
    'wire-dies': LOST,
    'time-runs-out': cell('lost', 'too-late'),
  },
  both: {
    'we-send': cell('both', 'nothing'),
    'peer-sends': cell('both', 'nothing'),
    'reading-ends': cell('both', 'nothing'),
    'wire-dies': cell('both', 'nothing'),
    'time-runs-out': cell('both', 'nothing'),
  },
  lost: {
    'we-send': cell('lost', 'nothing'),
    'peer-sends': cell('lost', 'nothing'),
    'reading-ends': cell('lost', 'nothing'),
    'wire-dies': cell('lost', 'nothing'),
    'time-runs-out': cell('lost', 'nothing'),
  },
};
