import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath } from '../issue.ts';
import { decodeText, maxDocumentBytes, parseDocument, textProblem } from './document.ts';
import { substituteFrom } from './environment.ts';

const issuesOf = (text: string): readonly string[] =>
  parseDocument(text).problems.map(({ line, col, path, message }) => `${line}:${col} ${formatPath(path)} ${message}`);

test('values are those of YAML 1.2, in objects without prototype', () => {
  const { value, problems } = parseDocument(
    'a: yes\nb: 0o17\nc: 0x1F\nd: ~\ne:\nf: 1.5\n"g": "1"\nh: 2027-01-31\ni: [true, {j: k}]\nconstructor: x\nl: |\n  m\n',
  );
  assert.deepEqual(problems, []);
  const expected = { a: 'yes', b: 15, c: 31, d: null, e: null, f: 1.5, g: '1', h: '2027-01-31', i: [true, { j: 'k' }] };
  assert.deepEqual(JSON.parse(JSON.stringify(value)), { ...expected, constructor: 'x', l: 'm\n' });
  assert.equal(Object.getPrototypeOf(value), null);
});

test('JSON is read with every layout, escape and surrogate pair', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const pure = !/"__proto__"|\d{16}|-0\b|[^\P{Cc}\t\n]|[\ufffe\uffff]/u.test(text);
      fc.pre(pure && text.isWellFormed());
      const parsed = parseDocument(text);
      assert.deepEqual(parsed.problems, []);
      assert.equal(JSON.stringify(parsed.value), JSON.stringify(value));
    }),
  );
});

for (const [name, text, issues] of [
  ['nothing', '', ['1:1 . is empty']],
  ['a comment alone', '# a\n', ['1:1 . is empty']],
  ['two documents', '---\na: 1\n---\nb: 2\n', ['3:1 . has more than one document']],
  ['another version', '%YAML 1.1\n---\na: yes\n', ['1:1 . is marked as YAML 1.1; only YAML 1.2 is read']],
  ['a key twice', 'a: 1\nb:\n  c: 1\n  "c": 2\n', ['4:3 b.c stands twice']],
  ['__proto__', 'a: {__proto__: 1}', ['1:5 a.__proto__ is not allowed as a key']],
  ['a merge key', 'a: &x {b: 1}\nc:\n  <<: *x\n', ['3:3 c["<<"] merge keys are not supported; write the members out']],
  ['a number as key', '1: a\n', ['1:1 ["1"] is a key that is no string; put it in quotes']],
  ['no key', ': a\n', ['1:1 . has an empty key']],
  ['a list as key', '? [a]\n: b\n', ['1:3 . has a key that is no string']],
  ['an anchor on a key', '&a b: 1\n', ['1:4 b is a key with a tag or an anchor']],
  [
    'tags',
    'a: !!str 1\nb: !x [c]\n',
    ['1:10 a tags are not supported (tag:yaml.org,2002:str)', '2:7 b tags are not supported (!x)'],
  ],
  ['an alias to nothing', 'a: *b\n', ['1:4 a the alias *b names no anchor above it']],
  ['an alias in itself', 'a: &b [*b]\n', ['1:8 a[0] the alias *b contains itself']],
  [
    'infinity',
    'a: [.inf, -.INF, .nan]\n',
    ['1:5 a[0] must be a finite number', '1:11 a[1] must be a finite number', '1:18 a[2] must be a finite number'],
  ],
  [
    'a number that loses digits',
    'a: 12345678901234567890\n',
    ['1:4 a is a number that cannot be kept exactly; put it in quotes if it is a text'],
  ],
  ['a tab', 'a:\n\t- 1\n', ['2:1 . invalid YAML: a tab is used for indentation; use spaces']],
  [
    'a control character',
    'a: "\u0007"\n',
    ['1:5 . invalid YAML: a control character; write it as an escape in double quotes'],
  ],
  [
    'two colons',
    'a: b: c\nd: "\\q"\n',
    [
      '1:4 . invalid YAML: a second ": " on the line; put the value in quotes',
      '2:5 . invalid YAML: an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes',
    ],
  ],
  [
    'an unquoted variable in braces',
    `a: {b: \${C}}\n`,
    [`1:9 . invalid YAML: unexpected flow-map-start at node end; inside { } or [ ] put "\${…}" in quotes`],
  ],
] as const) {
  test(`${name} is an issue at its place`, () => {
    assert.deepEqual(issuesOf(text), issues);
  });
}

test('aliases give what their anchors hold, and stay small', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(parseDocument('a: &x [1]\nb: {c: *x}\n').value)), {
    a: [1],
    b: { c: [1] },
  });
  const laughs = ['a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
  for (let n = 1; n < 30; n += 1)
    laughs.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  const issues = issuesOf(laughs.join('\n'));
  assert.equal(issues.length, 1);
  assert.match(issues[0] ?? '', /the aliases grow beyond 10,000 nodes$/);
});

test('depth and size are bounded', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.deepEqual(issuesOf(nested(65)), []);
  assert.match(issuesOf(nested(66))[0] ?? '', /is nested deeper than 64 levels$/);
  assert.match(issuesOf('['.repeat(20_000))[0] ?? '', /^1:\d+ \. invalid YAML: /);
  assert.match(issuesOf('{a: '.repeat(20_000))[0] ?? '', /^1:\d+ \. invalid YAML: /);
  assert.deepEqual(issuesOf(`a: "${'x'.repeat(maxDocumentBytes)}"`), ['1:1 . is larger than 4 MiB']);
});

test('every place is found, and a missing member is placed at what lacks it', () => {
  const { locate } = parseDocument('a:\n  b: [x, {c: 1}]\n  d:\ne: &n\n  - f: 2\ng: *n\n');
  assert.deepEqual(locate([]), { line: 1, col: 1 });
  assert.deepEqual(locate(['a', 'b', 0]), { line: 2, col: 7 });
  assert.deepEqual(locate(['a', 'b', 1, 'c']), { line: 2, col: 14 });
  assert.deepEqual(locate(['a', 'b', 1, 'c'], 'key'), { line: 2, col: 11 });
  assert.deepEqual(locate(['a', 'b']), { line: 2, col: 3 });
  assert.deepEqual(locate(['a', 'd']), { line: 3, col: 3 });
  assert.deepEqual(locate(['a', 'missing', 'deeper']), { line: 1, col: 1 });
  assert.deepEqual(locate(['e', 0]), { line: 5, col: 5 });
  assert.deepEqual(locate(['e', 0, 'missing']), { line: 5, col: 5 });
  assert.deepEqual(locate(['g', 0, 'f']), { line: 5, col: 8 });
  assert.deepEqual(locate(['toString']), { line: 1, col: 1 });
  assert.deepEqual(parseDocument('').locate(['a']), { line: 1, col: 1 });
});

test('variables are replaced in values alone, with their problems and their marks', () => {
  const text = `a: \${A}\nb: "\${A}"\n"\${A}": c\nd: [x, "\${B}"]\n`;
  const { value, problems, substituted } = parseDocument(text, substituteFrom({ A: '5' }));
  assert.deepEqual(JSON.parse(JSON.stringify(value)), { a: 5, b: '5', [`\${A}`]: 'c', d: ['x', ''] });
  assert.deepEqual(
    problems.map(({ line, col, path }) => [line, col, formatPath(path)]),
    [[4, 8, 'd[1]']],
  );
  assert.equal(substituted(['a']), true);
  assert.equal(substituted(['d', 0]), false);
  assert.equal(substituted(['a', 'b']), false);
});

test('no text makes the parser throw, and every problem has a place', () => {
  const fragments = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '&x ',
    '*x',
    '"',
    "'",
    '|',
    '!t ',
    '#',
    '---\n',
    '? ',
    ',',
    '\t',
    '<<',
    '%YAML 1.2\n',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const { problems, locate } = parseDocument(text);
        assert.ok(problems.every(({ line, col }) => line >= 1 && col >= 1));
        assert.ok(locate(['a', 0]).line >= 1);
      },
    ),
    { numRuns: 500 },
  );
});

test('bytes that are not clean UTF-8 are refused', () => {
  const bytes = new TextEncoder().encode('ä');
  assert.equal(textProblem(bytes), undefined);
  assert.equal(decodeText(bytes), 'ä');
  assert.equal(textProblem(Uint8Array.of(0xff)), 'is not UTF-8');
  const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
  assert.equal(textProblem(marked), 'begins with a byte order mark; save it without one');
});
