/** Every command of the shell blocks of the pages runs, or is left out by name with the place where it is checked. */
import { codeBlocks } from './support/markdown.js';
import { pages } from './support/pages.js';
import { commandsOf, openShell, reasonToSkip, type Shell, wantedStatus } from './support/shell.js';

const SHELLS = ['sh', 'bash', 'console'];
const blocks = pages().flatMap(({ path, markdown }) => codeBlocks(path, markdown));
const commands = blocks.filter(({ language }) => SHELLS.includes(language)).flatMap(commandsOf);
const run = commands.filter((command) => reasonToSkip(command) === null);

describe('the checks can fail', () => {
  test('commands are lines without comments, and a backslash joins two', () => {
    const code = '# first\na --b   # why\nc \\\n  d | jq ".[] | #x"\n';
    const texts = commandsOf({ page: 'p', line: 3, code }).map(({ line, text }) => `${line} ${text}`);
    expect(texts).toEqual(['4 a --b', '6 c   d | jq ".[] |']);
  });

  test('a script that does not exist is refused', () => {
    expect(() => reasonToSkip({ page: 'p.md', line: 1, text: 'npm run none-such' })).toThrow('p.md:1');
  });
});

describe('commands', () => {
  let shell: Shell;
  beforeAll(async () => {
    shell = await openShell();
  });
  afterAll(() => shell.close());

  test('an option that there is not is a failure here, too', async () => {
    expect(await shell.run('framepipe serve --none-such')).toEqual({
      status: 2,
      stderr: expect.stringContaining('none'),
    });
  });

  test.each(run.map((command) => [`${command.page}:${command.line}`, command.text] as const))(
    '%s %s',
    async (_, text) => {
      const { status, stderr } = await shell.run(text);
      expect({ status, stderr }).toEqual({ status: wantedStatus(text), stderr });
    },
  );
});
