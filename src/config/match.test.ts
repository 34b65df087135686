import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aRequest } from '../../test/support/requests.ts';
import { buildMatch, type MatchOptions } from './match.ts';

const consider = (match: MatchOptions, method = 'GET', segments: readonly string[] = ['orders', '7']) =>
  buildMatch(match, recordIssues().context).consider(aRequest({ method, segments }));

test('what is not named is any', () => {
  assert.deepEqual(consider({}), { matches: true, parameters: new Map() });
  assert.deepEqual(buildMatch({}, recordIssues().context).pathNames, []);
  assert.deepEqual(consider({ path: '/orders/{id}' }), { matches: true, parameters: new Map([['id', '7']]) });
});

test('it says what differs: the host before the path before the method', () => {
  const match = { hosts: ['other.example'], path: '/x', methods: ['PUT'] };
  assert.deepEqual(consider(match), { matches: false, why: 'host' });
  assert.deepEqual(consider({ ...match, hosts: ['api.example.com'] }), { matches: false, why: 'path' });
  assert.deepEqual(consider({ path: '/orders/{id}', methods: ['PUT'] }), { matches: false, why: 'method' });
});

test('a path with issues matches nothing, and its names are not known', () => {
  const { context, issues } = recordIssues();
  const built = buildMatch({ path: 'orders', hosts: ['*'] }, context);
  assert.equal(built.consider(aRequest()).matches, false);
  assert.equal(built.pathNames, undefined);
  assert.equal(issues.length, 2);
});
