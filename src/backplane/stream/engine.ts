/**
 * What lies between a topic and the client of an engine.
 *
 * Knows: what each side may ask of the other. natsTopic and redisTopic bring two engines each, with replay and without.
 * Does not know: anything at run time.
 */
import type { Message } from '../../codec/message-assembler.js';

/** Messages that the reader of a topic misses, or may miss. */
export interface Gap {
  /**
   * `'reconnect'`: the engine was away, and what others published meanwhile is gone. `'slow-reader'`: more than
   * `maxBufferedBytes` waited. `'trimmed'`: the engine no longer has what comes after our position. `'write'`: the engine
   * went away while it was given messages of ours.
   */
  readonly reason: 'reconnect' | 'slow-reader' | 'trimmed' | 'write';
  /** How many, at most; null when nobody can know. */
  readonly missed: number | null;
}

/** The topic, as its engine sees it. */
export interface Sink {
  /** A message, in order. `position` is null without replay. */
  message(bytes: Buffer, position: string | null): void;
  /** Resolves when the reader wants more, with true when it had stopped: for engines that fetch. */
  room(): Promise<boolean>;
  gap(gap: Gap): void;
  /** The client has given up. */
  failed(error: Error): void;
}

/** One topic of an engine. */
export interface Engine {
  /** Publishes in order; resolves when the engine has them. Goes on trying until `signal` says otherwise. */
  publish(messages: readonly Message[], signal: AbortSignal): Promise<void>;
  /** Resolves when everything that is published from now on will come. Called once, when somebody reads. */
  subscribe(): Promise<void>;
  close(): void;
}

/** Makes the engine of a topic. */
export type EngineFor = (sink: Sink) => Engine;
