import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHere } from '../../../test/support/inspection.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aSubject } from '../../../test/support/requests.ts';
import { doubtfulRules } from './seclang/doubtful.ts';

// Two rules that are doubtful, one that is not, each with a word of its own.
const conf = ['932235', '942100', '942360']
  .map(
    (id, index) =>
      `SecRule ARGS "@contains ${['plum', 'pear', 'fig'][index]}" "id:${id},phase:2,block,t:none,severity:'CRITICAL',tag:'paranoia-level/1',tag:'OWASP_CRS'"`,
  )
  .join('\n');

function reasonFor(query: string, paranoia?: 1 | 2): string {
  const { context, issues } = recordIssues({
    'crs/REQUEST-942.conf': `SecComponentSignature "OWASP_CRS/4.25.0"\n${conf}`,
  });
  const crs = paranoia === undefined ? { dir: 'crs' } : { dir: 'crs', paranoia };
  const inspect = buildHere({ protect: { crs }, pathParameters: [] }, context);
  assert.deepEqual(issues, []);
  const verdict = inspect(aSubject({ request: { query } }));
  return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
}

test('doubtful rules refuse nothing by themselves, however many match', () => {
  assert.ok(doubtfulRules.includes('932235') && doubtfulRules.includes('942100') && !doubtfulRules.includes('942360'));
  assert.equal(reasonFor('q=plum'), 'pass');
  assert.equal(reasonFor('q=plum+and+pear'), 'pass');
  assert.equal(reasonFor('q=fig'), 'attack_detected');
  assert.equal(reasonFor('q=plum+and+fig'), 'attack_detected');
});

test('at a higher level of paranoia every rule counts as the rule set has it', () => {
  assert.equal(reasonFor('q=plum', 2), 'attack_detected');
});
