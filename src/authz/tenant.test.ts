import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type PrincipalSketch } from '../../test/support/requests.ts';
import { buildRequirement, type RequirementOptions } from './index.ts';

const roles = {
  reader: { permissions: ['orders:read'] },
  editor: { inherits: ['reader'], permissions: ['orders:write'] },
  suspended: {},
};

/** A principal that holds roles by tenant, as its claims state them. */
const inTenants = (tenants: Readonly<Record<string, readonly string[]>>, everywhere: readonly string[] = []) => ({
  roles: everywhere,
  memberships: {
    groups: new Set<string>(),
    tenantRoles: new Map(Object.entries(tenants).map(([name, held]) => [name, new Set(held)])),
  },
});

function outcome(
  options: RequirementOptions,
  principal: PrincipalSketch | undefined,
  tenant: string | undefined,
  bindings: readonly object[] = [],
): string {
  const { context, issues } = recordIssues();
  const scope = { ...anAuthority({ roles, bindings }), pathNames: ['tenant'] };
  const check = buildRequirement(options, scope, context);
  assert.deepEqual(issues, []);
  const verdict = check(aSubject({ principal, parameters: tenant === undefined ? {} : { tenant } }));
  return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
}

const write = { permission: 'orders:write', tenant: 'path.tenant' };

test('a role counts in its tenant and in no other', () => {
  const editorOfAcme = inTenants({ acme: ['editor'], globex: ['reader'] });
  assert.equal(outcome(write, editorOfAcme, 'acme'), 'pass');
  assert.equal(outcome(write, editorOfAcme, 'globex'), 'permission_missing');
  for (const other of ['initech', 'ACME', 'acme ', 'acm', 'acme2', '']) {
    assert.equal(outcome(write, editorOfAcme, other), 'tenant_mismatch', other);
  }
});

test('a role that is held everywhere counts in every tenant', () => {
  assert.equal(outcome(write, inTenants({}, ['editor']), 'acme'), 'pass');
  assert.equal(outcome(write, inTenants({ acme: ['reader'] }, ['editor']), 'acme'), 'pass');
  assert.equal(outcome(write, inTenants({}, ['reader']), 'acme'), 'permission_missing');
  assert.equal(outcome(write, inTenants({}, ['offline_access']), 'acme'), 'tenant_mismatch', 'no configured role');
});

test('a role of a tenant counts nowhere where no tenant is named', () => {
  assert.equal(outcome({ permission: 'orders:read' }, inTenants({ acme: ['editor'] }), 'acme'), 'permission_missing');
  assert.equal(outcome({ role: 'reader' }, inTenants({ '': ['editor'] }), ''), 'role_missing');
});

test('a tenant that is absent or empty is none', () => {
  const everything = inTenants({ '': ['editor'], undefined: ['editor'], acme: ['editor'] }, ['editor']);
  for (const tenant of [undefined, '']) {
    assert.equal(outcome(write, everything, tenant), 'tenant_mismatch');
    assert.equal(outcome({ tenant: 'path.tenant' }, everything, tenant), 'tenant_mismatch');
    assert.equal(outcome({ not: write }, everything, tenant), 'condition_negated');
    assert.equal(outcome({ not: { tenant: 'path.tenant' } }, everything, tenant), 'condition_negated');
  }
});

test('names that objects inherit are ordinary names of tenants', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal(outcome(write, inTenants({ acme: ['editor'] }), name), 'tenant_mismatch', name);
    const own = inTenants(JSON.parse(`{"${name}":["editor"]}`));
    assert.equal(outcome(write, own, name), 'pass', name);
    assert.equal(outcome(write, own, 'acme'), 'tenant_mismatch', name);
    const bindings = [{ principal: 'users/alice', roles: ['editor'], tenant: name }];
    assert.equal(outcome(write, {}, name, bindings), 'pass');
    assert.equal(outcome(write, {}, 'acme', bindings), 'tenant_mismatch');
  }
});

test('the tenant holds for all that stands in the requirement, wherever the key is written', () => {
  const nested = { any: [{ role: 'editor' }, { all: [{ permission: 'orders:read' }] }], tenant: 'path.tenant' };
  assert.equal(outcome(nested, inTenants({ acme: ['reader'] }), 'acme'), 'pass');
  assert.equal(outcome(nested, inTenants({ acme: ['reader'] }), 'globex'), 'tenant_mismatch');
  const notSuspended = { tenant: 'path.tenant', role: 'reader', not: { role: 'suspended' } };
  assert.equal(outcome(notSuspended, inTenants({ acme: ['reader'], globex: ['suspended'] }), 'acme'), 'pass');
  assert.equal(outcome(notSuspended, inTenants({ acme: ['reader', 'suspended'] }), 'acme'), 'condition_negated');
});

test('a tenant in a part of a requirement holds for that part alone', () => {
  const either = { any: [{ role: 'editor' }, { role: 'reader', tenant: 'path.tenant' }] };
  assert.equal(outcome(either, inTenants({ acme: ['reader'] }), 'acme'), 'pass');
  assert.equal(outcome(either, inTenants({ acme: ['suspended'] }, ['editor']), 'globex'), 'pass');
  assert.equal(outcome(either, inTenants({ acme: ['editor'] }), 'globex'), 'alternatives_exhausted');
});

test('nobody has no tenant', () => {
  assert.equal(outcome(write, undefined, 'acme'), 'tenant_mismatch');
  assert.equal(outcome({ not: { tenant: 'path.tenant' } }, undefined, 'acme'), 'condition_negated');
});

test('what is no reference is an issue', () => {
  for (const [tenant, issue] of [
    ['acme', /^tenant "acme" is no reference; write one of/],
    ['path.tenent', /^tenant the path has no segment \{tenent\}; it has \{tenant\}/],
  ] as const) {
    const { context, issues } = recordIssues();
    const check = buildRequirement(
      { tenant, role: 'reader' },
      { ...anAuthority({ roles }), pathNames: ['tenant'] },
      context,
    );
    assert.match(issues.join(), issue);
    assert.equal(issues.length, 1);
    assert.notEqual(check(aSubject({ principal: { roles: ['reader'] } })).kind, 'pass');
  }
});

test('whatever somebody holds elsewhere grants nothing here', () => {
  const name = fc.constantFrom('acme', 'globex', '__proto__', 'a/b', ' ');
  const held = fc.subarray(['reader', 'editor', 'unknown']);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, held)),
      name,
      fc.constantFrom('orders:read', 'orders:write'),
      (pairs, here, permission) => {
        const elsewhere = pairs.filter(([tenant]) => tenant !== here);
        const [claimed, bound] = [elsewhere.slice(0, 3), elsewhere.slice(3)];
        const memberships = {
          groups: new Set(['staff']),
          tenantRoles: new Map(claimed.map(([at, set]) => [at, new Set(set)])),
        };
        const bindings = bound
          .filter(([at, set]) => at.trim() !== '' && set.some((role) => role !== 'unknown'))
          .map(([at, set], index) => ({
            ...(index % 2 === 0 ? { principal: 'users/alice' } : { group: 'users/staff' }),
            roles: set.filter((role) => role !== 'unknown'),
            tenant: at,
          }));
        assert.equal(
          outcome({ permission, tenant: 'path.tenant' }, { memberships }, here, bindings),
          'tenant_mismatch',
        );
      },
    ),
  );
});
