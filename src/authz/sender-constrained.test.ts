import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { Principal } from '../core/principal.ts';
import { senderConstrained } from './sender-constrained.ts';

function build(wanted: 'any' | 'dpop' | 'mtls') {
  const { context, issues } = recordIssues();
  // The condition asks for nothing else of its surroundings.
  const condition = senderConstrained.build(wanted, { context } as Parameters<typeof senderConstrained.build>[1]);
  return { condition, issues };
}

const outcome = (wanted: 'any' | 'dpop' | 'mtls', boundBy: Principal['boundBy']) =>
  build(wanted).condition(aSubject({ principal: { boundBy } }));

test('the binding must be one of those that are demanded', () => {
  for (const [wanted, boundBy, kind] of [
    ['any', 'dpop', 'holds'],
    ['any', 'mtls', 'holds'],
    ['any', undefined, 'fails'],
    ['dpop', 'dpop', 'holds'],
    ['dpop', 'mtls', 'fails'],
    ['dpop', undefined, 'fails'],
    ['mtls', 'mtls', 'holds'],
    ['mtls', 'dpop', 'fails'],
    ['mtls', undefined, 'fails'],
  ] as const) {
    assert.equal(outcome(wanted, boundBy).kind, kind, `${wanted} ${boundBy}`);
  }
  assert.equal(build('any').condition(aSubject()).kind, 'absent');
});

test('who lacks it is told in the scheme that would do', () => {
  const challenge = (wanted: 'any' | 'dpop' | 'mtls') => {
    const refused = outcome(wanted, undefined);
    assert.ok(refused.kind === 'fails' && refused.refusal.reason === 'sender_unconstrained');
    return refused.refusal.headers.map(({ value }) => value.replaceAll(/, error_description="[^"]+"/g, ''));
  };
  assert.deepEqual(challenge('any'), ['DPoP error="invalid_token", Bearer error="invalid_token"']);
  assert.deepEqual(challenge('dpop'), ['DPoP error="invalid_token"']);
  assert.deepEqual(challenge('mtls'), ['Bearer error="invalid_token"']);
});

test('another demand is an issue, and never holds', () => {
  const { condition, issues } = build('toString' as 'any'); // what the schema keeps away
  assert.deepEqual(issues, [' must be one of any, dpop, mtls']);
  assert.notEqual(condition(aSubject({ principal: { boundBy: 'dpop' } })).kind, 'holds');
});
