/** Every page says things that are true: its code compiles and runs, its links lead somewhere. Shown to fail first. */
import { type Ran, run, typeErrors } from './support/check.js';
import { anchors, codeBlocks } from './support/markdown.js';
import { brokenLinks, pages } from './support/pages.js';
import { isProgram, openWorkshop, programOf } from './support/program.js';

const all = pages();
const blocks = all.flatMap(({ path, markdown }) => codeBlocks(path, markdown)).filter(isProgram);
const named = blocks.map((block) => ({ name: `${block.page}:${block.line}`, block }));
const onlyBlock = (markdown: string) => {
  const [block] = codeBlocks('bad.md', markdown);
  if (block === undefined) throw new Error('there is no block');
  return programOf(block);
};

beforeAll(openWorkshop);

describe('the checks can fail', () => {
  test('a type error is reported at its line of the page', () => {
    const program = onlyBlock('# Bad\n\n```ts\nconst a = 1;\nconst n: number = "one";\n```\n');
    expect(typeErrors([program])).toEqual([expect.stringMatching(/^bad\.md:5 Type 'string'/)]);
  });

  test('a name that the package does not export is a type error', () => {
    const program = onlyBlock("```ts\nimport { Nothing } from 'framepipe';\nNothing();\n```");
    expect(typeErrors([program])).toEqual([expect.stringMatching(/^bad\.md:2 .*Nothing/)]);
  });

  test('a program that throws ends with a status, and says why', async () => {
    const ran: Ran = await run(onlyBlock('```js\nthrow new Error("as documented");\n```'));
    expect(ran).toEqual({ status: 1, stderr: expect.stringContaining('as documented') });
  });

  test('a block with an unknown harness is refused', () => {
    expect(() => onlyBlock('<!-- harness: none-such -->\n```ts\n1;\n```')).toThrow('none-such');
  });

  test('a block that never ends is refused', () => {
    expect(() => codeBlocks('bad.md', '```ts\n1;')).toThrow('bad.md:1');
  });

  test('links to files and headings that do not exist are reported, links in code are not links', () => {
    const markdown = '# One\n[a](gone.md) [b](#two) [c](#one) [d](https://example.org/x) `[e](gone.md)`';
    expect(brokenLinks({ path: 'README.md', markdown })).toEqual([
      expect.stringContaining('README.md:2 links to gone.md'),
      expect.stringContaining('README.md:2 links to #two'),
    ]);
  });

  test('anchors are those of GitHub', () => {
    const markdown = '# A `code` name\n## Use\n```sh\n# not a heading\n```\n## Use\n### What, none?';
    expect(anchors('a.md', markdown)).toEqual(['a-code-name', 'use', 'use-1', 'what-none']);
  });

  test('two ends of one program meet on a port that never opens', async () => {
    const program = onlyBlock(
      `\`\`\`js
      import net from 'node:net';
      const server = net.createServer((socket) => socket.end('hi')).listen(1, () => {
        net.connect(1, 'localhost').on('data', () => server.close());
      });
    \`\`\`\n`.replace(/^ {4}```/m, '```'),
    );
    expect(await run(program)).toEqual({ status: 0, stderr: '' });
  });
});

describe('code', () => {
  test('type-checks', () => {
    expect(typeErrors(blocks.map(programOf))).toEqual([]);
  });

  test.each(named)('$name runs', async ({ block }) => {
    expect(await run(programOf(block))).toEqual({ status: 0, stderr: '' });
  });
});

test.each(all)('$path links to what exists', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});
