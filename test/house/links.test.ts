import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/** The anchors that a page's headings have, as GitHub makes them. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...withoutCode(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

/** A page without its blocks of code, where a "#" begins a comment. */
const withoutCode = (page: string): string => page.replace(/^```[\s\S]*?^```$/gm, '');

test('links between the pages lead somewhere', () => {
  const broken: string[] = [];
  for (const page of globSync(['*.md', 'docs/*.md'])) {
    const text = withoutCode(readFileSync(page, 'utf8'));
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      const found = existsSync(path) && (anchor === undefined || anchorsOf(readFileSync(path, 'utf8')).has(anchor));
      if (!found) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});
