import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type SubjectSketch } from '../../test/support/requests.ts';
import type { Subject } from '../core/plan.ts';
import { buildLimits, type Limit, type LimitOptions } from './build.ts';

function build(options: Readonly<Record<string, LimitOptions>>) {
  const { context, issues } = recordIssues();
  return { limits: buildLimits(options, context), issues };
}

function limitOf(options: LimitOptions, id = 'l'): Limit {
  const { limits, issues } = build({ [id]: options });
  assert.deepEqual(issues, []);
  const limit = limits.get(id);
  assert.ok(limit);
  return limit;
}

const subject = (given: SubjectSketch = {}): Subject => aSubject({ principal: {}, ...given });
const from = (clientAddress: string): Subject => subject({ request: { clientAddress } });
const withHeader = (...values: readonly string[]): Subject => subject({ request: { headers: { 'x-plan': values } } });

test('what is left out has its default', () => {
  const limit = limitOf({ key: 'principal.key', rate: '100/m' });
  assert.equal(limit.algorithm, 'sliding_window');
  assert.deepEqual(limit.rule, { count: 100, periodMs: 60_000, burst: 100 });
  assert.equal(limit.mode, 'enforce');
  assert.equal(limit.onStoreFailure, 'local');
  assert.equal(limit.needsPrincipal, true);
  assert.equal(limitOf({ key: ['route', 'client.address'], rate: '1/s' }).needsPrincipal, false);
  assert.equal(limitOf({ key: ['route', 'claims.plan'], rate: '1/s' }).needsPrincipal, true);
  assert.equal(limitOf({ key: 'route', rate: '5/s', algorithm: 'token_bucket', burst: 9 }).rule.burst, 9);
});

test('every issue is reported at its place', () => {
  const { limits, issues } = build({
    'bad id': { key: 'route', rate: '1/s' },
    rate: { key: 'route', rate: '0/s' },
    burst: { key: 'route', rate: '1/s', burst: 5 },
    keys: { key: ['route', 'nobody', 'claims.'], rate: '1/fortnight' },
    good: { key: 'route', rate: '1/s' },
    algorithm: { key: 'clientaddress', rate: '1/s', algorithm: 'constructor' as 'fixed_window' }, // what a schema would stop
  });
  assert.deepEqual([...limits.keys()], ['good']);
  const places = issues.map((issue) => issue.replace(/ .*/, ''));
  assert.deepEqual([...places].sort(), [
    'algorithm.algorithm',
    'algorithm.key',
    'bad',
    'burst.burst',
    'keys.key.1',
    'keys.key.2',
    'keys.rate',
    'rate.rate',
  ]);
  assert.ok(issues.some((issue) => issue.includes('known: principal.key,')));
});

test('a counter belongs to one limit, one rule of counting, one space and one value', () => {
  const keys = [
    limitOf({ key: 'client.address', rate: '5/s' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s' }, 'a').key(from('192.0.2.1'), 'shadow'),
    limitOf({ key: 'client.address', rate: '5/s' }, 'a').key(from('192.0.2.1'), 'rule_shadow'),
    limitOf({ key: 'client.address', rate: '5/s' }, 'a').key(from('192.0.2.2'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s' }, 'a').key(from(''), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s' }, 'b').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/m' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '6/s' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s', algorithm: 'fixed_window' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: ['client.address', 'route'], rate: '5/s' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s', algorithm: 'token_bucket' }, 'a').key(from('192.0.2.1'), 'enforce'),
    limitOf({ key: 'client.address', rate: '5/s', algorithm: 'token_bucket', burst: 7 }, 'a').key(
      from('192.0.2.1'),
      'enforce',
    ),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('a missing value has a counter of its own that no value reaches', () => {
  const { key } = limitOf({ key: 'header.x-plan', rate: '5/s' });
  const missing = key(subject(), 'enforce');
  assert.equal(key(subject(), 'enforce'), missing);
  for (const value of ['', '-', 'absent', 'undefined']) assert.notEqual(key(withHeader(value), 'enforce'), missing);
  assert.notEqual(key(withHeader('a', 'b'), 'enforce'), key(withHeader('a'), 'enforce'));
});

test('IPv6 clients are counted by their /64', () => {
  const { key } = limitOf({ key: 'client.address', rate: '5/s' });
  assert.equal(key(from('2001:db8::1'), 'enforce'), key(from('2001:db8::ffff:1'), 'enforce'));
  assert.notEqual(key(from('2001:db8::1'), 'enforce'), key(from('2001:db8:0:1::1'), 'enforce'));
});

test('a header that is counted by is not shown in the key', () => {
  const { key } = limitOf({ key: 'header.x-plan', rate: '5/s' });
  assert.ok(!key(withHeader('s3cret'), 'enforce').includes('s3cret'));
});
