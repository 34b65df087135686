import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfig } from '../../src/cli/offline.ts';
import { reasonCodes, reasons } from '../../src/core/reason.ts';
import { metrics } from '../../src/telemetry/names.ts';
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

test('docs/reasons.md says of every reason what the table says', () => {
  const page = readFileSync('docs/reasons.md', 'utf8');
  const missing = reasonCodes.filter((code) => {
    const { status, public: shown, title } = reasons[code];
    return !page.includes(`| \`${code}\` | ${status} | \`${shown}\` | ${title} |`);
  });
  assert.deepEqual(missing, []);
});

test('docs/operations.md lists every metric with its labels', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const missing = Object.values(metrics).filter(
    ({ name, type, labels }) =>
      !page.includes(`| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || ' '} |`),
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});

test('the configs of the README and of deploy/ load', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-house-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const readme = readFileSync('README.md', 'utf8').match(/```yaml\nversion: 1\n[^`]*```/g) ?? [];
  assert.equal(readme.length, 1);
  const policy =
    /portcullis\.yaml: \|\n((?: {4}.*\n)+)/.exec(readFileSync('deploy/kubernetes/policy.yaml', 'utf8'))?.[1] ?? '';
  const configs = [
    ...readme.map((block) => block.replace(/^```yaml\n|```$/g, '')),
    policy.replace(/^ {4}/gm, ''),
    readFileSync('deploy/compose/portcullis.yaml', 'utf8'),
  ];
  for (const [index, config] of configs.entries()) {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, config);
    assert.deepEqual(checkConfig(file).issues, []);
  }
});
