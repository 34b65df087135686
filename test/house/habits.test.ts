import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { reasonCodes } from '../../src/core/reason.ts';
import { isTest, listFiles, readSources } from './sources.ts';

const all = readSources('src', 'test');
const house = all.filter(({ path }) => !isTest(path));

test('no hand-written file is over 400 lines, and the median stays small', () => {
  const lengths = all.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 400),
    [],
  );
  const sorted = house.map(({ text }) => text.split('\n').length).toSorted((a, b) => a - b);
  assert.ok((sorted[Math.floor(sorted.length / 2)] ?? 0) <= 120);
});

test('file names are kebab-case and no folder is a drawer', () => {
  const odd = listFiles('src', 'test')
    .filter((path) => path.endsWith('.ts') && !path.startsWith('src/wire/gen/'))
    .filter((path) => !/^[a-z0-9-]+(\.[a-z0-9]+)*\.ts$/.test(path.split('/').at(-1) ?? ''));
  assert.deepEqual(odd, []);
  const drawers = listFiles('src', 'test')
    .filter((path) => !path.startsWith('src/wire/gen/'))
    .filter((path) => /\/(utils?|helpers?|common|managers?)\//.test(path));
  assert.deepEqual(drawers, []);
});

test('every exported symbol has a doc comment', () => {
  const bare = house.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, index) =>
      /^export (async )?(function|const|interface|type|class) [A-Za-z]/.test(line) &&
      !/\*\/\s*$/.test(lines[index - 1] ?? '')
        ? [`${path}:${index + 1} ${line}`]
        : [],
    );
  });
  assert.deepEqual(bare, []);
});

test('no any, no non-null assertion, no suppressed check', () => {
  const odd = all.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        /[:<]\s*any\b|\bas any\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|\b(describe|it|test)\.(only|todo)\b/.test(
          line.replace(/'[^']*'|`[^`]*`|\/\S.*\/[a-z]*/g, ''),
        )
          ? [`${path}:${index + 1} ${line.trim()}`]
          : [],
      ),
  );
  assert.deepEqual(odd, []);
});

test('every reason code is documented', () => {
  const page = readFileSync('docs/reasons.md', 'utf8');
  assert.deepEqual(
    reasonCodes.filter((code) => !page.includes(`\`${code}\``)),
    [],
  );
});
