import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { systemClock } from '../core/clock.ts';
import { buildUpstream } from './upstream.ts';

function issuesOf(headers: Readonly<Record<string, string>>): readonly string[] {
  const { context, issues } = recordIssues();
  buildUpstream({ set_headers: headers }, { anonymous: false, signing: undefined, clock: systemClock }, context);
  return issues;
}

test('a header that we set ourselves is not to be set, in whatever spelling', () => {
  for (const name of ['x-user', 'X-User', 'x_user', 'X_User_Source', 'x-decision_id']) {
    assert.match(issuesOf({ [name]: 'a' }).join(), /^set_headers\.\S+ is set by Portcullis itself/, name);
  }
});

test('a header in two spellings is an issue at the second', () => {
  assert.match(issuesOf({ 'x-a': 'a', 'X-A': 'b' }).join(), /^set_headers\.X-A is "x-a" in another spelling/);
  assert.match(issuesOf({ 'x-a-b': 'a', 'x-a_b': 'b' }).join(), /^set_headers\.x-a_b is "x-a-b" in another spelling/);
  assert.deepEqual(issuesOf({ 'x-a': 'a', 'x-b': 'b' }), []);
});

test('what belongs to the connection or to Envoy is not to be set', () => {
  for (const name of ['Host', 'connection', 'Proxy-Connection', 'x-envoy-original-path']) {
    assert.match(issuesOf({ [name]: 'a' }).join(), /cannot be set/, name);
  }
});
