import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aPrincipal, aSubject, type PrincipalSketch } from '../../test/support/requests.ts';
import { buildBindings, buildRequirement, buildRoles } from './index.ts';

const roles = {
  reader: { permissions: ['orders:read'] },
  editor: { inherits: ['reader'], permissions: ['orders:write'] },
};

function held(bindings: readonly object[], principal: PrincipalSketch, tenant?: string): readonly string[] {
  const sets = anAuthority({ roles, bindings }).bindings.held(aPrincipal(principal), tenant);
  return [...new Set(sets.flatMap((set) => [...set]))].toSorted();
}

test('a principal holds what its credential states and what is bound to it', () => {
  const bindings = [
    { principal: 'users/alice', roles: ['editor'] },
    { principal: 'users/bob', roles: ['reader'] },
  ];
  assert.deepEqual(held(bindings, { roles: ['guest'] }), ['editor', 'guest']);
  assert.deepEqual(held(bindings, { id: 'carol' }), []);
  assert.deepEqual(held(bindings, { source: 'partners' }), [], 'alice of another identity is somebody else');
  assert.deepEqual(held([...bindings, { principal: 'users/alice', roles: ['reader'] }], {}), ['editor', 'reader']);
});

test('an id may hold slashes', () => {
  assert.deepEqual(held([{ principal: 'users/a/b', roles: ['reader'] }], { id: 'a/b' }), ['reader']);
});

test('a group is that of one identity', () => {
  const bindings = [{ group: 'users//staff/eu', roles: ['reader'] }];
  const memberships = { groups: new Set(['/staff/eu', 'x']), tenantRoles: new Map() };
  assert.deepEqual(held(bindings, { memberships }), ['reader']);
  assert.deepEqual(held(bindings, { memberships, source: 'partners' }), []);
  assert.deepEqual(held([{ principal: 'users//staff/eu', roles: ['reader'] }], { memberships }), []);
});

test('what is bound in a tenant counts there alone', () => {
  const bindings = [
    { principal: 'users/alice', roles: ['editor'], tenant: 'acme' },
    { group: 'users/staff', roles: ['reader'], tenant: 'globex' },
  ];
  const memberships = { groups: new Set(['staff']), tenantRoles: new Map([['acme', new Set(['own'])]]) };
  assert.deepEqual(held(bindings, { memberships }), []);
  assert.deepEqual(held(bindings, { memberships }, 'acme'), ['editor', 'own']);
  assert.deepEqual(held(bindings, { memberships }, 'globex'), ['reader']);
  assert.deepEqual(held(bindings, { memberships }, 'Acme'), []);
});

test('a bound role counts as one that is stated, with all that it inherits', () => {
  const authority = anAuthority({ roles, bindings: [{ principal: 'users/alice', roles: ['editor'] }] });
  const { context } = recordIssues();
  const check = buildRequirement({ permission: 'orders:read' }, { ...authority, pathNames: [] }, context);
  assert.deepEqual(check(aSubject({ principal: {} })).detail, { permission: 'orders:read', by_role: 'editor' });
  assert.equal(check(aSubject({ principal: { id: 'bob' } })).kind, 'reject');
  assert.equal(check(aSubject()).kind, 'reject');
});

test('what is wrong with a file is an issue in its place, all at once', () => {
  const entries = [
    { principal: 'users/alice', roles: ['reeder', 7], tenant: 42 },
    { principal: 'alice', group: 'users/x', roles: ['reader'] },
    { principal: 'alice', roles: [] },
    { group: 'users/', roles: 'reader' },
    { group: 'others/x', roles: ['reader'], role: 'reader' },
    { roles: ['reader'] },
    'users/alice',
    { principal: 'users/a\n', roles: ['reader'] },
    { principal: 'users/a', roles: ['reader'], tenant: '' },
    { group: 'partners/x', roles: ['reader'] },
  ];
  const { context, issues } = recordIssues({ 'a.yaml': JSON.stringify({ bindings: entries, more: 1 }) });
  const scope = { roles: buildRoles(roles, context), identities: ['users', 'partners'], grouped: new Set(['users']) };
  buildBindings({ file: ['a.yaml', 'b.yaml'] }, scope, context.at('bindings'));
  assert.deepEqual(issues, [
    'a.yaml:more unknown key; known are bindings',
    'a.yaml:bindings.0.roles.0 unknown role "reeder"; known are reader, editor',
    'a.yaml:bindings.0.roles.1 must be the name of a role',
    'a.yaml:bindings.0.tenant must be the name of a tenant, without blanks around it and control characters',
    'a.yaml:bindings.1 must have exactly one of principal, group',
    'a.yaml:bindings.2.principal must be an identity, a slash and the id, like users/alice',
    'a.yaml:bindings.2.roles must be a list of at least one role',
    'a.yaml:bindings.3.group must be an identity, a slash and the group, like users/staff',
    'a.yaml:bindings.3.roles must be a list of at least one role',
    'a.yaml:bindings.4.role unknown key; known are principal, group, roles, tenant',
    'a.yaml:bindings.4.group unknown identity "others"; known are users, partners',
    'a.yaml:bindings.5 must have exactly one of principal, group',
    'a.yaml:bindings.6 must be an object',
    'a.yaml:bindings.7.principal must be an identity, a slash and the id, like users/alice',
    'a.yaml:bindings.8.tenant must be the name of a tenant, without blanks around it and control characters',
    'a.yaml:bindings.9.group nobody of "partners" is in a group: it has no groups_claim',
    'bindings.file.1 cannot read b.yaml',
  ]);
});

test('a file that is no list of bindings is an issue', () => {
  for (const [text, issue] of [
    ['[]', 'a.yaml: must be an object with the list bindings'],
    ['{}', 'a.yaml:bindings must be a list of bindings'],
    ['{"bindings":{}}', 'a.yaml:bindings must be a list of bindings'],
  ] as const) {
    const { context, issues } = recordIssues({ 'a.yaml': text });
    buildBindings({ file: 'a.yaml' }, { roles: buildRoles({}, context), identities: [], grouped: new Set() }, context);
    assert.deepEqual(issues, [issue]);
  }
});
