import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { recordIssues } from '../../test/support/recording-context.ts';
import { openReader } from '../core/options.ts';
import { readRoleMapping, roleSchemas } from './role-mapping.ts';

function open(options: object) {
  const { context, issues } = recordIssues();
  const read = readRoleMapping(
    openReader(options, (path, message) => context.issue(path, message)),
    context,
  );
  return { read, issues };
}

/** The roles, groups and tenants of claims; the name of the claim at fault. */
function read(options: object, json: string): unknown {
  const { read, issues } = open(options);
  assert.deepEqual(issues, []);
  const stated = read(JSON.parse(json));
  if ('claim' in stated) return stated.claim;
  const { groups, tenantRoles } = stated.memberships;
  return {
    roles: [...stated.roles],
    ...(groups.size === 0 ? {} : { groups: [...groups] }),
    ...(tenantRoles.size === 0 ? {} : { tenants: [...tenantRoles].map(([name, roles]) => [name, ...roles]) }),
  };
}

test('without options the roles are those of the claim roles', () => {
  assert.deepEqual(read({}, '{"roles":["a","b"],"groups":["c"]}'), { roles: ['a', 'b'] });
  assert.deepEqual(read({}, '{"roles":"a b"}'), { roles: ['a b'] });
  assert.deepEqual(read({}, '{}'), { roles: [] });
});

test('several claims make one set of roles', () => {
  const options = { roles_claim: ['roles', 'realm_access.roles', 'none'] };
  assert.deepEqual(read(options, '{"roles":["a"],"realm_access":{"roles":["b","a"]}}'), { roles: ['a', 'b'] });
  assert.equal(read(options, '{"roles":["a"],"realm_access":{"roles":[1]}}'), 'realm_access.roles');
});

test('a map puts our roles in place of theirs, and drops what it does not name', () => {
  const roles_map = { 'idp-admin': ['admin', 'auditor'], nothing: [], same: ['same'] };
  const claims = '{"roles":["idp-admin","nothing","same","admin2","toString","__proto__"]}';
  assert.deepEqual(read({ roles_map }, claims), { roles: ['admin', 'auditor', 'same'] });
  assert.deepEqual(read({ roles_map, unmapped: 'keep' }, claims), {
    roles: ['admin', 'auditor', 'same', 'admin2', 'toString', '__proto__'],
  });
  assert.deepEqual(read({ roles_map: {} }, claims), { roles: [] });
  assert.deepEqual(read({ roles_map: { a: ['b'], b: ['c'] } }, '{"roles":["a"]}'), { roles: ['b'] });
});

test('a group is a role by the map alone, never by its own name', () => {
  const claims = '{"roles":["reader"],"groups":["staff","admin"]}';
  const groups = ['staff', 'admin'];
  assert.deepEqual(read({ groups_claim: 'groups' }, claims), { roles: ['reader'], groups });
  assert.deepEqual(read({ groups_claim: 'groups', roles_map: { staff: ['editor'] }, unmapped: 'keep' }, claims), {
    roles: ['reader', 'editor'],
    groups,
  });
});

test('roles by tenant stay in their tenants', () => {
  const options = { tenant_roles_claim: 'tenants', roles_map: { boss: ['admin'] } };
  assert.deepEqual(read(options, '{"tenants":{"acme":["boss","x"],"__proto__":"boss","globex":[]}}'), {
    roles: [],
    tenants: [['acme', 'admin'], ['__proto__', 'admin'], ['globex']],
  });
  for (const tenants of [
    '["acme"]',
    '"acme"',
    'null',
    '{"acme":{"boss":true}}',
    '{"":["boss"]}',
    '{"a\\nb":["boss"]}',
  ]) {
    assert.equal(read(options, `{"tenants":${tenants}}`), 'tenants', tenants);
  }
  assert.deepEqual(read(options, '{}'), { roles: [] });
});

test('a claim of the wrong shape is named, whichever it is', () => {
  for (const value of ['1', 'null', '{"0":"a"}', '["a",["b"]]', '[""]', '""', '["a\\u0000"]']) {
    assert.equal(read({}, `{"roles":${value}}`), 'roles', value);
    assert.equal(read({ groups_claim: 'g' }, `{"g":${value}}`), 'g', value);
  }
});

test('what is wrong with the options is an issue in its place', () => {
  const issuesOf = (options: object): readonly string[] => open(options).issues;
  assert.deepEqual(issuesOf({ roles_claim: [] }), ['roles_claim must name at least one claim']);
  assert.deepEqual(issuesOf({ roles_claim: 7, groups_claim: [] }), [
    'roles_claim must be a text',
    'groups_claim must be a text',
  ]);
  assert.deepEqual(issuesOf({ roles_map: ['a'] }), ['roles_map must be an object of lists']);
  assert.deepEqual(issuesOf({ roles_map: { a: 'b', c: ['d'] } }), ['roles_map.a must be a list of roles']);
  assert.deepEqual(issuesOf({ unmapped: 'keep' }), ['unmapped has no meaning without roles_map']);
  assert.deepEqual(issuesOf({ roles_map: {}, unmapped: 'no' }), ['unmapped must be keep or drop']);
});

test('the schemas take what is read, and nothing else', () => {
  const ajv = new Ajv2020({ allowUnionTypes: true });
  const validate = ajv.compile({ type: 'object', additionalProperties: false, properties: roleSchemas });
  for (const good of [{ roles_claim: 'a' }, { roles_claim: ['a', 'b'] }, { roles_map: { a: [] }, unmapped: 'keep' }]) {
    assert.ok(validate(good), JSON.stringify(good));
  }
  for (const bad of [{ roles_claim: [] }, { roles_claim: '' }, { roles_map: { a: 'b' } }, { unmapped: 'all' }]) {
    assert.ok(!validate(bad), JSON.stringify(bad));
  }
});
