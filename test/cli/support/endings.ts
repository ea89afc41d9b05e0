/**
 * A row for each command, and for each option that makes another one of it: the arguments that it refuses, whom it may fail to reach, how it is brought to work.
 *
 * Knows: what each command needs for that, and why a cell is empty.
 * Does not know: how a command has to end; that is the same for all of them (endings.test.ts).
 */
import type { Program } from './program.js';
import type { Scene } from './scene.js';

export type Args = readonly (string | number)[];

/** Arguments, without the name of the command, and what is said of them. */
type Wrong = readonly [args: Args, says: RegExp];

/** What one command does in each situation; a sentence where it cannot come to that. */
export interface Row {
  readonly wrong: readonly Wrong[];
  /** Makes it connect to a URL. */
  readonly dials: string | ((url: string, scene: Scene) => Args);
  /** Starts it so that it has something to write. */
  readonly writes: (scene: Scene) => Promise<Program>;
  /** Starts it, and resolves once it is in the middle of its work. */
  readonly works: (scene: Scene) => Promise<Program>;
  /** The close code that its peers see when it is interrupted. */
  readonly closes: string | number;
}

const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex');

export const ROWS: Readonly<Record<string, Row>> = {
  serve: {
    wrong: [
      [['--echo', '--chat'], /exclude each other/],
      [['--binary'], /--binary goes with --exec/],
      [['--dir', 'no-such-directory'], /There is no directory no-such-directory/],
      [['--port', '65536'], /a port is 0 to 65535/],
      [['--ehco'], /Did you mean --echo\?/],
      [['stray'], /too many arguments/],
    ],
    dials: 'It waits for others; a port that it cannot have is in serve.test.ts.',
    writes: async (scene) => scene.start('serve', '--port', 0),
    works: async (scene) => {
      const server = scene.start('serve', '--port', 0);
      const [url] = await server.says(/ws:\/\/\S+/);
      await scene.dial(url);
      return server;
    },
    closes: 1001,
  },
  connect: {
    wrong: [
      [[], /missing required argument 'url'/],
      [['localhost:8080'], /Did you mean ws:\/\/localhost:8080\?/],
      [['ftp://localhost'], /must begin with ws: or wss:/],
      [['--bianry', 'ws://localhost'], /Did you mean --binary\?/],
      [['-H', 'nonsense', 'ws://localhost'], /"nonsense" is no header field/],
      [['-H', 'Upgrade: x', 'ws://localhost'], /belongs to the handshake/],
      [['--ca', 'no-such-file', 'wss://localhost'], /no-such-file/],
      [['--timeout', 'soon', 'ws://localhost'], /"soon" is no time/],
      [['ws://a', 'ws://b'], /too many arguments/],
    ],
    dials: (url) => [url],
    writes: async (scene) => scene.start('connect', await scene.echo()).type('x\n'),
    works: async (scene) => scene.heard(scene.start('connect', await scene.echo()).type('x\n')),
    closes: 1001,
  },
  bridge: {
    wrong: [
      [['ws://:0', 'ws://h'], /One end of a bridge is tcp/],
      [['tcp://:0', 'tcp://h:1'], /One end of a bridge is tcp/],
      [['wss://:0', 'tcp://h:1'], /not on wss/],
      [['nonsense', 'tcp://h:1'], /"nonsense" is no endpoint/],
      [['tcp://:0'], /missing required argument 'to'/],
    ],
    dials: 'It listens first and stays when nobody is behind it (bridge.test.ts).',
    writes: async (scene) => scene.start('bridge', 'ws://:0', 'tcp://127.0.0.1:1'),
    works: async (scene) => {
      const bridge = scene.start('bridge', 'ws://:0', `tcp://127.0.0.1:${await scene.silence()}`);
      const [, url = ''] = await bridge.says(/from (ws:\S+)/);
      await scene.dial(url);
      return bridge;
    },
    closes: 1001,
  },
  record: {
    wrong: [
      [[], /missing required argument 'url'/],
      [[':8080'], /Did you mean ws:\/\/localhost:8080\?/],
      [['--speed', '2', 'ws://localhost'], /unknown option '--speed'/],
    ],
    dials: (url) => [url],
    writes: async (scene) => scene.start('record', await scene.echo()),
    works: async (scene) => scene.heard(scene.start('record', await scene.echo()).type('x\n')),
    closes: 1001,
  },
  replay: {
    wrong: [
      [[], /missing required argument 'file'/],
      [['--speed', '0', 'session.jsonl'], /"0" is no speed/],
      [['a', 'ws://b', 'c'], /too many arguments/],
      [['README.md'], /Line 1 of the session is no JSON object/],
    ],
    dials: (url, scene) => [scene.session(), url],
    writes: async (scene) => scene.start('replay', scene.session(), await scene.echo()),
    works: async (scene) => scene.heard(scene.start('replay', scene.session(), await scene.echo())),
    closes: 1001,
  },
  'replay --listen': {
    wrong: [
      [['0', 'session.jsonl', 'ws://localhost'], /With --listen there is no URL/],
      [['65536', 'session.jsonl'], /a port is 0 to 65535/],
      [['0', '-H', 'A: b', 'session.jsonl'], /cannot be used with option '-H, --header <line>'/],
      [['0', 'README.md'], /Line 1 of the session is no JSON object/],
      [['0'], /missing required argument 'file'/],
    ],
    dials: 'It waits for others; a port that it cannot have is in replay.test.ts.',
    writes: async (scene) => scene.start('replay', '--listen', 0, scene.session('server')),
    works: async (scene) => {
      const server = scene.start('replay', '--listen', 0, scene.session('server'));
      const [url] = await server.says(/ws:\/\/\S+/);
      await scene.dial(url);
      return server;
    },
    closes: 1001,
  },
  decode: {
    wrong: [
      [['--role', 'nobody'], /"nobody" is no role; client and server are/],
      [['--max-frame', 'large'], /"large" is no size/],
      [['a', 'b'], /too many arguments/],
    ],
    dials: 'It reads a file; one that is not there is in decode.test.ts.',
    writes: async (scene) => scene.start('decode').type(HELLO).done(),
    works: async (scene) => scene.reading(scene.start('decode')),
    closes: 'It talks to nobody.',
  },
  bench: {
    wrong: [
      [[], /missing required argument 'url'/],
      [['-c', '0', 'ws://localhost'], /0 is too few/],
      [['--duration', '-1s', 'ws://localhost'], /"-1s" is no time/],
      [['--size', 'huge', 'ws://localhost'], /"huge" is no size/],
      [['--size', '2g', 'ws://localhost'], /"2g" is too large; a message has 1 GiB at most\./],
    ],
    dials: (url) => [url],
    writes: async (scene) => scene.start('bench', '-d', '300ms', await scene.echo()),
    works: async (scene) => scene.heard(scene.start('bench', '-d', '60s', await scene.echo())),
    closes: 1000,
  },
  fuzz: {
    wrong: [
      [[], /missing required argument 'url'/],
      [['--path', '1', 'ws://localhost'], /--path needs the --seed/],
      [['-n', 'many', 'ws://localhost'], /"many" is no whole number/],
    ],
    dials: (url) => [url],
    writes: async (scene) => scene.start('fuzz', '-n', 5, await scene.serve()),
    works: async (scene) => {
      const fuzz = scene.start('fuzz', '-n', 100_000, await scene.serve());
      await scene.served(/#3 open/);
      return fuzz;
    },
    closes: 'Its connections are bytes on purpose, and are cut off.',
  },
};
