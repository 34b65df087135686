import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aSubject } from '../../../../test/support/requests.ts';
import { openEngine } from '../engines/index.ts';
import { compileTest } from '../engines/script.ts';
import { openView, type RequestView } from '../request/view.ts';
import type { AttackRule, Condition } from '../rule.ts';
import { embeddedRules } from '../rules/index.ts';
import { byteView } from '../transforms/bytes.ts';
import { transformations } from '../transforms/index.ts';
import { openDetector } from './detector.ts';
import { compileExclusions } from './exclusions.ts';
import { compileRuleSet } from './rule-set.ts';

test('a search whose time is over before the engine has looked is incomplete', () => {
  const set = compileRuleSet(embeddedRules, openEngine('auto'));
  const detect = openDetector(set, compileExclusions([]));
  const view = openView({ subject: aSubject({ request: { query: 'q=1' } }), content: undefined, proven: () => false });
  assert.deepEqual(detect(view, -1), { matches: [], complete: false });
  assert.deepEqual(detect(view, 60_000), { matches: [], complete: true });
  set.probes.close();
});

/** The forms in which a condition looks at a text, each transformation done. */
function formsOf({ transforms, everyStage }: Condition, text: string): readonly string[] {
  const forms = [text];
  for (const step of transforms) forms.push(transformations[step](forms.at(-1) ?? ''));
  return everyStage ? forms : forms.slice(-1);
}

/** Rules of one pattern that look at arguments, each with a test that has no gate. */
function plainTests(rules: readonly AttackRule[]): readonly (readonly [id: string, test: (text: string) => boolean])[] {
  return rules.flatMap(({ id, conditions: [first, second] }) => {
    const { operator, targets, negated } = first;
    const looks = targets.some(
      ({ collection, only, except }) => collection === 'args' && only.length + except.length === 0,
    );
    if (operator.kind !== 'rx' || second !== undefined || negated || !looks) return [];
    const found = compileTest(operator);
    const inBytes = /\\x[89a-f]/i.test(operator.pattern) ? byteView : (text: string) => text;
    return [[id, (text: string) => formsOf(first, text).some((form) => found(inBytes(form)))] as const];
  });
}

const viewOf = (text: string): RequestView => ({
  items: (collection) =>
    collection === 'args' ? [{ name: 'q', place: 'query.q', readings: [text], proven: false }] : [],
  excessive: () => undefined,
});

const pieces = fc.constantFrom(
  ...[
    "' or 1=1",
    '<script',
    '>',
    'union',
    ' select ',
    '../',
    '/etc/passwd',
    '${jndi:',
    ';',
    '|',
    '`id`',
    'cat ',
    '/**/',
  ],
  ...['%27', '&lt;', '\\x3c', '\\u0027', '{{7*7}}', 'javascript:', 'onerror=', 'http://127.0.0.1', '--', '#', '(', ')'],
  ...['system(', 'eval', 'exec', 'sleep(5)', 'é', '\u017f', '\0', '\n', '  ', 'A', 'a', '1', "'", '"', '=', '.', ','],
  'We moved the meeting to Thursday, because half of the team (the one in Lisbon) is still travelling; bring notes! ',
);
const texts = fc.array(fc.oneof({ weight: 4, arbitrary: pieces }, fc.string({ maxLength: 4 })), { maxLength: 7 });

test('gates, shapes and first looks keep nothing out that a pattern alone would find', () => {
  const tests = plainTests(embeddedRules);
  assert.ok(tests.length > 30, `${tests.length} rules`);
  const set = compileRuleSet(embeddedRules, openEngine('auto'));
  const detect = openDetector(set, compileExclusions([]));
  const isSame = (parts: readonly string[]): void => {
    const text = parts.join('');
    const found = new Set(detect(viewOf(text), 60_000).matches.map(({ rule }) => rule.id));
    const missed = tests.filter(([id, test]) => test(text) !== found.has(id)).map(([id]) => id);
    assert.deepEqual(missed, [], JSON.stringify(text));
  };
  fc.assert(fc.property(texts, isSame), { numRuns: 400 });
  set.probes.close();
});
