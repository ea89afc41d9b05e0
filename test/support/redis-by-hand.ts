/**
 * A client of Redis by hand, for what a real one does only by luck: what fails, fails when the test says so.
 *
 * Knows: the methods that topics call, and one stream, which all clients made from this one share.
 * Does not know: networks, or what is right. Methods are mocks; give one another implementation to make it fail.
 */
import { EventEmitter } from 'node:events';
import type { RedisClient } from '../../src/backplane/stream/clients.js';
import { turn } from './streams.js';

type Command = (string | Buffer)[];

/** An entry: its number, which is the first half of its ID, and its fields. */
export type EntryByHand = readonly [number: number, ...fields: (string | Buffer)[]];

export class RedisByHand extends EventEmitter implements RedisClient {
  isOpen = true;
  /** The clients that a topic has made for itself. */
  readonly own: RedisByHand[] = [];
  readonly entries: EntryByHand[];
  /** What a subscriber is told. */
  say: (message: Buffer) => void = () => {};
  /** Is shown each client that a topic makes, before it connects. */
  onDuplicate: (made: RedisByHand) => void = () => {};

  constructor(entries: EntryByHand[] = []) {
    super();
    this.entries = entries;
  }

  readonly publish = jest.fn(async (_: string, __: Buffer): Promise<unknown> => 1);

  readonly subscribe = jest.fn(async (_: string, listener: (message: Buffer) => void, __: true): Promise<unknown> => {
    this.say = listener;
    return undefined;
  });

  readonly connect = jest.fn(async (): Promise<unknown> => {
    await turn();
    this.isOpen = true;
    this.emit('ready');
    return this;
  });

  readonly destroy = jest.fn(() => {
    this.isOpen = false;
    this.emit('end');
  });

  readonly exec = jest.fn(async (commands: readonly Command[]): Promise<unknown> => {
    for (const command of commands) {
      const fields = command.slice(command.indexOf('*') + 1);
      this.entries.push([(this.entries.at(-1)?.[0] ?? 0) + 1, ...fields]);
    }
    return [];
  });

  readonly sendCommand = jest.fn(async (command: Command, _?: object): Promise<unknown> => {
    await turn();
    const [name, , from] = command.map(String);
    // A read that blocks is over soon, whatever there is: its reply is not looked at.
    if (name === 'XREAD') return null;
    if (name === 'XREVRANGE') return this.entries.slice(-1).map(answer);
    return this.entries
      .filter(([number]) => number >= Number.parseInt(from ?? '', 10))
      .slice(0, Number(command[5]))
      .map(answer);
  });

  multi() {
    const commands: Command[] = [];
    return { addCommand: (command: Command) => commands.push(command), exec: () => this.exec(commands) };
  }

  duplicate(): RedisByHand {
    const made = new RedisByHand(this.entries);
    made.isOpen = false;
    this.own.push(made);
    this.onDuplicate(made);
    return made;
  }
}

function answer([number, ...fields]: EntryByHand): unknown {
  return [Buffer.from(`${number}-0`), fields.map((field) => Buffer.from(field as string))];
}
