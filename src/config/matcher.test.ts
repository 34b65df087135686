import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRule } from '../../test/support/plans.ts';
import { anAttributes, aRequest } from '../../test/support/requests.ts';
import type { Rule } from '../core/plan.ts';
import { compileMatch } from './matcher.ts';

const takes = (id: string, given: Partial<Rule> = {}): Rule => aRule({ id, ...given });
const refuses = (id: string, given: Partial<Rule> = {}): Rule =>
  aRule({ id, consider: () => ({ matches: false, why: 'path' }), ...given });

function outcome(rules: readonly Rule[], chosen?: string) {
  const contextExtensions = new Map(chosen === undefined ? [] : [['rule', chosen]]);
  const { shadows, decides } = compileMatch(rules)(aRequest({ attributes: anAttributes({ contextExtensions }) }));
  return {
    shadows: shadows.map(({ rule }) => rule.id),
    decides: 'rule' in decides ? decides.rule.id : decides.reason,
  };
}

test('the first enforced rule that matches decides; shadow rules before it watch, those after it do not', () => {
  const rules = [refuses('a'), takes('b', { mode: 'shadow' }), takes('c'), takes('d', { mode: 'shadow' }), takes('e')];
  assert.deepEqual(outcome(rules), { shadows: ['b'], decides: 'c' });
});

test('nothing matches: no_rule, though shadow rules would have taken it', () => {
  assert.deepEqual(outcome([takes('a', { mode: 'shadow' }), refuses('b')]), { shadows: ['a'], decides: 'no_rule' });
});

test('a rule that Envoy chose decides, whatever stands before it', () => {
  assert.deepEqual(outcome([takes('a'), takes('b')], 'b'), { shadows: [], decides: 'b' });
});

test('a chosen rule whose own match does not hold is a denial, and no other rule is asked', () => {
  assert.deepEqual(outcome([refuses('a'), takes('b')], 'a'), { shadows: [], decides: 'rule_mismatch' });
});

test('a chosen rule that is not there is a denial, also with the name of something inherited', () => {
  for (const id of ['x', '', 'toString', '__proto__']) {
    assert.deepEqual(outcome([takes('a')], id), { shadows: [], decides: 'rule_unknown' });
  }
});

test('a chosen rule in shadow is passed over for the rules after it', () => {
  const rules = [takes('before'), takes('a', { mode: 'shadow' }), takes('b', { mode: 'shadow' }), takes('c')];
  assert.deepEqual(outcome(rules, 'a'), { shadows: ['a', 'b'], decides: 'c' });
  assert.deepEqual(outcome([takes('a', { mode: 'shadow' })], 'a'), { shadows: ['a'], decides: 'no_rule' });
});
