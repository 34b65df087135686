import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type SubjectSketch } from '../../test/support/requests.ts';
import { abstain, passWith, reject } from '../core/verdict.ts';
import { buildDenials, type DenyOptions, denyFirst } from './deny.ts';

const authority = anAuthority({
  roles: { admin: { permissions: ['orders:*'] }, banned: {} },
  bindings: [{ principal: 'users/mallory', roles: ['banned'] }],
});

function build(entries: readonly (DenyOptions | undefined)[]) {
  const { context, issues } = recordIssues();
  return { denials: buildDenials(entries, authority, context), issues };
}

const allows = () => passWith(undefined, { by: 'require' });

function judge(entries: readonly DenyOptions[], subject: SubjectSketch, authorize = allows) {
  const { denials, issues } = build(entries);
  assert.deepEqual(issues, []);
  return denyFirst(denials, authorize)(aSubject(subject));
}

const denies = (when: DenyOptions['when'], subject: SubjectSketch): boolean =>
  judge([{ id: 'no', ...(when && { when }) }], subject).kind === 'reject';

test('without entries the step is the rule’s own', () => {
  assert.equal(denyFirst([], allows), allows);
});

test('an entry that holds wins over a requirement that holds, and its id is in the detail', () => {
  const verdict = judge([{ id: 'banned', when: { role: 'banned' } }], { principal: { roles: ['admin', 'banned'] } });
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.reason, 'denied_by_rule');
  assert.deepEqual(verdict.detail, { deny: 'banned', role: 'banned', by_role: 'banned' });
  assert.deepEqual(judge([{ id: 'banned', when: { role: 'banned' } }], { principal: {} }), allows());
});

test('a bound role is denied as one that is stated', () => {
  assert.equal(denies({ role: 'banned' }, { principal: { id: 'mallory' } }), true);
  assert.equal(denies({ role: 'banned' }, { principal: { id: 'mallory', source: 'partners' } }), false);
});

test('an entry that does not hold leaves the requirement its word', () => {
  const refuses = () => reject('role_missing');
  const entries = [{ id: 'no', when: { role: 'banned' } }];
  const verdict = denyFirst(build(entries).denials, refuses)(aSubject({ principal: {} }));
  assert.deepEqual(verdict, refuses());
});

test('an entry without a condition denies whatever matches', () => {
  const entry: DenyOptions = {
    id: 'closed',
    match: { path: '/admin/**', methods: ['DELETE'], hosts: ['*.example.com'] },
  };
  const at = (path: string, method = 'DELETE', host = 'api.example.com') =>
    judge([entry], { request: { segments: path.split('/').slice(1), method, host } }).kind;
  assert.equal(at('/admin/users'), 'reject');
  assert.equal(at('/admin'), 'reject');
  assert.equal(at('/administer'), 'pass');
  assert.equal(at('/admin/users', 'GET'), 'pass');
  assert.equal(at('/admin/users', 'DELETE', 'example.com'), 'pass');
});

test('the path’s parameters are those of the entry, not of the rule', () => {
  const entry: DenyOptions = {
    id: 'others',
    match: { path: '/users/{owner}' },
    when: { not: { equal: ['principal.id', 'path.owner'] } },
  };
  const at = (id: string) =>
    judge([entry], { principal: { id }, request: { segments: ['users', 'alice'] }, parameters: { owner: 'bob' } }).kind;
  assert.equal(at('alice'), 'pass');
  assert.equal(at('bob'), 'reject');
  assert.match(
    build([{ id: 'a', when: { equal: ['path.id', 'principal.id'] } }]).issues.join(),
    /the path has no segment/,
  );
});

test('nobody has no role, no scope and no claim: what is denied for having one is not, for lacking one is', () => {
  for (const when of [
    { role: 'admin' },
    { permission: 'orders:read' },
    { scope: 'a' },
    { claim: { name: 'a', exists: true } },
    { equal: ['principal.id', { value: 'alice' }] },
    { step_up: { max_age: '5m' } },
    { tenant: 'host' },
  ]) {
    assert.equal(denies(when, {}), false, JSON.stringify(when));
    assert.equal(denies({ not: when }, {}), true, JSON.stringify(when));
    assert.equal(denies({ any: [when, { not: when }] }, {}), true, JSON.stringify(when));
  }
});

test('what is absent equals nothing', () => {
  const debug = { equal: ['header.x-debug', { value: '1' }] };
  assert.equal(denies(debug, {}), false);
  assert.equal(denies(debug, { request: { headers: { 'x-debug': '1' } } }), true);
  assert.equal(denies({ not: { equal: ['claims.tenant', 'host'] } }, { principal: {} }), true);
});

test('an address that cannot be read is denied either way', () => {
  const when = { address: ['10.0.0.0/8'] };
  const from = (clientAddress: string): SubjectSketch => ({ request: { clientAddress } });
  assert.equal(denies(when, from('10.1.2.3')), true);
  assert.equal(denies(when, from('192.0.2.1')), false);
  for (const odd of ['', 'unknown', '10.0.0']) {
    for (const wrapped of [when, { not: when }, { not: { not: when } }, { any: [when, { role: 'admin' }] }]) {
      assert.equal(denies(wrapped, from(odd)), true, JSON.stringify(wrapped));
    }
  }
  const both = { address: ['10.0.0.0/8'], role: 'banned' };
  assert.equal(denies(both, { ...from(''), principal: {} }), false, 'the other condition is known not to hold');
  assert.deepEqual(judge([{ id: 'no', when }], from('')).detail, { deny: 'no', unknown: 'address_not_allowed' });
});

test('an entry in shadow denies nothing, and is written down', () => {
  const entries: readonly DenyOptions[] = [
    { id: 'watched', when: { role: 'banned' }, mode: 'shadow' },
    { id: 'other', when: { role: 'admin' }, mode: 'shadow' },
  ];
  const banned = { principal: { roles: ['banned'] } };
  const watched = { 'deny.watched': 'denied', 'deny.watched.shadow': true };
  assert.deepEqual(judge(entries, banned), passWith(undefined, { ...watched, by: 'require' }));
  assert.deepEqual(denyFirst(build(entries).denials, () => abstain())(aSubject(banned)), abstain(watched));
  const enforced = judge([...entries, { id: 'now', when: { role: 'banned' } }], banned);
  assert.deepEqual(enforced.detail, { ...watched, deny: 'now', role: 'banned', by_role: 'banned' });
});

test('entries with issues are told, each in its place', () => {
  const { issues } = build([
    { id: 'a' },
    { id: 'a', when: { role: 'bannd' } },
    undefined,
    { id: 'b', match: { path: 'admin', hosts: ['a b'] }, when: {} },
    { id: 'c', match: {} },
  ]);
  assert.deepEqual(
    issues.map((issue) => issue.split(/;|:/)[0]),
    [
      '0 would deny every request',
      '1.id "a" is the id of an earlier entry',
      '1.when.role unknown role "bannd"',
      '3.match.path "admin" does not begin with a slash',
      '3.match.hosts.0 "a b" is not a host',
      '3.when holds no condition',
      '4 would deny every request',
    ],
  );
});

test('no requirement undoes a denial that holds', () => {
  const leaf = fc.constantFrom<Record<string, unknown>>(
    { role: 'admin' },
    { role: 'banned' },
    { scope: 's' },
    { address: ['192.0.2.0/24'] },
    { claim: { name: 'c', exists: true } },
    { equal: ['principal.id', { value: 'alice' }] },
  );
  const when = fc.oneof(
    leaf,
    leaf.map((inner) => ({ not: inner })),
    fc.array(leaf, { minLength: 1, maxLength: 3 }).map((inner) => ({ any: inner })),
    fc.array(leaf, { minLength: 1, maxLength: 3 }).map((inner) => ({ all: inner })),
  );
  const principal = fc.option(fc.record({ roles: fc.subarray(['admin', 'banned']), scopes: fc.subarray(['s']) }), {
    nil: undefined,
  });
  const address = fc.constantFrom('', '192.0.2.1', '10.0.0.1');
  fc.assert(
    fc.property(
      fc.array(when, { minLength: 1, maxLength: 4 }),
      principal,
      address,
      (whens, somebody, clientAddress) => {
        const subject: SubjectSketch = { principal: somebody, request: { clientAddress } };
        const entries = whens.map((one, index) => ({ id: `d${index}`, when: one }));
        const alone = entries.some((entry) => judge([entry], subject).kind === 'reject');
        assert.equal(judge(entries, subject).kind === 'reject', alone);
        // Where a principal and an address are there, each of a condition and its negation denies, and one of them alone.
        if (somebody !== undefined && clientAddress !== '') {
          for (const one of whens) assert.notEqual(denies(one, subject), denies({ not: one }, subject));
        }
      },
    ),
  );
});
