/**
 * The parts of a Markdown page that can be wrong: code blocks, links, headings.
 *
 * Knows: fences, inline links, GitHub's anchors, and our own mark, `<!-- harness: name -->` on the line before a block.
 * Does not know: the rest of Markdown.
 */

export interface CodeBlock {
  readonly page: string;
  /** The line of the page on which the code begins, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What the info string says behind the language: `from FILE`, `not run: REASON`, or nothing. */
  readonly info: string;
  /** The harness that the block asks for, or null: then it is a program that ends by itself. */
  readonly harness: string | null;
}

export interface Link {
  readonly page: string;
  readonly line: number;
  readonly target: string;
}

const FENCE = /^(`{3,}|~{3,})\s*(\S*)\s*(.*)$/;
const HARNESS = /^<!--\s*harness:\s*([\w-]+)\s*-->$/;
const LINK = /\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;

/** Every fenced block of a page, in order. */
export function codeBlocks(page: string, markdown: string): CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language, info] = FENCE.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trimEnd() === fence);
    if (end < 0) throw new Error(`${page}:${at + 1} opens a code block that never ends`);
    const code = lines.slice(at + 1, end).join('\n');
    const harness = HARNESS.exec(lines[at - 1]?.trim() ?? '')?.[1] ?? null;
    blocks.push({ page, line: at + 2, language: language ?? '', info: info?.trim() ?? '', code, harness });
    at = end;
  }
  return blocks;
}

/** The page with the lines of its code blocks emptied, so that line numbers stay. */
function prose(page: string, markdown: string): string[] {
  const lines = markdown.split('\n');
  for (const { line, code } of codeBlocks(page, markdown)) {
    const size = code.split('\n').length;
    lines.fill('', line - 2, line + size);
  }
  return lines.map((line) => line.replace(/`[^`]*`/g, (span) => (span.includes('](') ? '' : span)));
}

/** Every inline link of a page, outside code. */
export function links(page: string, markdown: string): Link[] {
  return prose(page, markdown).flatMap((text, index) =>
    [...text.matchAll(LINK)].map(([, target = '']) => ({ page, line: index + 1, target })),
  );
}

/** The anchors that GitHub makes from the headings of a page. The second `Use` becomes `use-1`. */
export function anchors(page: string, markdown: string): string[] {
  const seen = new Map<string, number>();
  const headings = prose(page, markdown).flatMap((line) => /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] ?? []);
  return headings.map((heading) => {
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}
