import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LeakKind, leakKinds, type Window } from './detector.ts';
import { detectors } from './detectors/index.ts';
import { isPlainDigit, isPlainPiece } from './pieces.ts';
import { askAt, compileSearch, type Match } from './places.ts';
import { compileScan, type Scan } from './scan.ts';

/** The plain search: every place is asked, one after the other. */
function everyPlace(kinds: readonly LeakKind[]): Scan {
  const search = compileSearch(kinds);
  return (window, from, found) => {
    for (let at = from; at < window.bytes.length; ) {
      const step = askAt(search, window, at, found);
      if (step.kind === 'wait') return at;
      at = step.to;
    }
    return window.bytes.length;
  };
}

const seen = (
  scan: Scan,
  window: Window,
  from: number,
): { readonly matches: readonly Match[]; readonly cut: number } => {
  const matches: Match[] = [];
  const cut = scan(window, from, (match) => matches.push(match));
  return { matches, cut: Math.max(from, cut) };
};

const triggers = leakKinds.flatMap((kind) => {
  const detector = detectors[kind];
  return detector.on === 'literal' ? detector.triggers : [];
});
const pieces = [
  ...[
    '4111 1111 1111 1111',
    '4111111111111111',
    '5500-0055-5555-5559',
    '378282246310005',
    '078-05-1120',
    '4.111111111111111e15',
  ],
  ...[
    'DE89370400440532013000',
    'DE89 3704 0044 0532 0130 00',
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${'a1'.repeat(18)}`,
    'eyJhbGciOiJub25lIn0.e30.',
  ],
  ...[
    '\\u0034',
    '\\u00a0',
    '\\uff11',
    '\uff14',
    '\u200b',
    '\u00a0',
    '\u2014',
    '\\n',
    '\\/',
    '%20',
    '%34',
    '\\',
    '\\u00',
    '\u00e9',
    '\u4e2d',
  ],
  ...[
    '1',
    '12',
    '2026-11-22T10:00:00Z',
    '17 ',
    ' ',
    '-',
    '.',
    '"',
    ',',
    '{"a":',
    '}',
    '\n',
    'at ',
    '  at x (a.js:1:2)',
    '----',
    '0.4',
  ],
];
const fragment = fc.oneof(
  { arbitrary: fc.constantFrom(...pieces), weight: 6 },
  { arbitrary: fc.constantFrom(...triggers), weight: 2 },
  { arbitrary: fc.stringMatching(/^[0-9 ./+_-]{1,24}$/), weight: 2 },
  { arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), weight: 1 },
  { arbitrary: fc.string({ maxLength: 6, unit: 'binary' }), weight: 1 },
);
const document = fc
  .array(fragment, { maxLength: 24 })
  .map((parts) => new Uint8Array(Buffer.from(parts.join(''), 'utf8')));

for (const kinds of [leakKinds, ...leakKinds.map((kind) => [kind])]) {
  test(`the skim leaves out nothing: ${kinds.length === 1 ? kinds[0] : 'all'}`, () => {
    const [fast, plain] = [compileScan(kinds), everyPlace(kinds)];
    fc.assert(
      fc.property(document, fc.nat(6), fc.boolean(), (bytes, skipped, last) => {
        const from = Math.min(skipped, bytes.length);
        assert.deepEqual(seen(fast, { bytes, last }, from), seen(plain, { bytes, last }, from));
      }),
      { numRuns: kinds.length === 1 ? 1000 : 5000 },
    );
  });
}

test('a leak is found at every place and cut at every byte', () => {
  const [fast, plain] = [compileScan(leakKinds), everyPlace(leakKinds)];
  const texts = [
    '4111 1111 1111 1111',
    '41111\u200b\\u0031\uff111 11111111',
    '078-05-1120',
    'DE89370400440532013000',
    'SG.a',
    '#0 /a.php(1)',
  ];
  for (const text of texts)
    for (let shift = 0; shift < 20; shift += 1) {
      const whole = Buffer.from(`${'x, "'.repeat(5).slice(0, shift)} ${text} "tail" 12:30`);
      for (let end = 0; end <= whole.length; end += 1) {
        const window = { bytes: whole.subarray(0, end), last: end === whole.length };
        assert.deepEqual(seen(fast, window, 0), seen(plain, window, 0), `${text} at ${shift}, cut at ${end}`);
      }
    }
});

test('no trigger begins with a digit, nor lies in a run of digits', () => {
  const isPlain = (letter: string): boolean => isPlainPiece(letter.charCodeAt(0));
  for (const text of triggers) {
    assert.ok(text.length >= 3 && !isPlainDigit(text.charCodeAt(0)), text);
    assert.ok(!isPlain(text[0] ?? '') || !isPlainDigit(text.charCodeAt(1)), text);
  }
});
