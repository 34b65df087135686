import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordIssues } from '../../test/support/recording-context.ts';
import { covers, isGrant, isPermission } from './grant.ts';
import { buildRoles, type RolesOptions } from './roles.ts';

function build(options: RolesOptions | undefined) {
  const { context, issues } = recordIssues();
  return { roles: buildRoles(options, context), issues };
}

const staff: RolesOptions = {
  admin: { inherits: ['editor'], permissions: ['orders:delete', 'reports:*'] },
  editor: { inherits: ['reader'], permissions: ['orders:write'] },
  reader: { permissions: ['orders:read'] },
  guest: {},
};

test('permissions are inherited, over any number of steps', () => {
  const { roles, issues } = build(staff);
  assert.deepEqual(issues, []);
  assert.deepEqual([...roles.grantersOf('orders:read')], ['admin', 'editor', 'reader']);
  assert.deepEqual([...roles.grantersOf('orders:write')], ['admin', 'editor']);
  assert.deepEqual([...roles.grantersOf('orders:delete')], ['admin']);
  assert.deepEqual([...roles.grantersOf('orders:approve')], []);
});

test('a role is held by the ones that inherit it, not the other way round', () => {
  const { roles } = build(staff);
  assert.deepEqual([...roles.holdersOf('reader')], ['admin', 'editor', 'reader']);
  assert.deepEqual([...roles.holdersOf('admin')], ['admin']);
  assert.deepEqual([...roles.holdersOf('stranger')], []);
});

test('a closing star covers one or more further segments', () => {
  const { roles } = build(staff);
  assert.deepEqual([...roles.grantersOf('reports:read')], ['admin']);
  assert.deepEqual([...roles.grantersOf('reports:read:own')], ['admin']);
  assert.equal(covers('reports:*', 'reports'), false);
  assert.equal(covers('reports:*', 'reportsx:read'), false);
  assert.equal(covers('reports:read', 'reports:read:own'), false);
});

test('the grammar of permissions and grants', () => {
  for (const text of ['orders:write', 'a:b:c', 'a.b-c_d:E9']) assert.ok(isPermission(text) && isGrant(text), text);
  for (const text of ['orders:*', 'a:b:*']) assert.ok(!isPermission(text) && isGrant(text), text);
  for (const text of [
    '',
    '*',
    '*:*',
    'orders',
    'orders:',
    ':write',
    'a::b',
    'a:*:c',
    'a:b*',
    '*:read',
    'a b:c',
    'a:b\n',
  ]) {
    assert.ok(!isPermission(text) && !isGrant(text), JSON.stringify(text));
  }
});

test('names and permissions that mean nothing are issues in their place', () => {
  const { issues } = build({
    editor: { inherits: ['readr', 'toString'], permissions: ['*', 'orders:read'] },
    reader: {},
  });
  assert.deepEqual(
    issues.map((issue) => issue.split(' ')[0]),
    ['editor.inherits.0', 'editor.inherits.1', 'editor.permissions.0'],
  );
  assert.match(issues[0] ?? '', /unknown role "readr"; known are editor, reader/);
});

test('a circle is an issue that names it, once', () => {
  const { issues, roles } = build({
    a: { inherits: ['b'] },
    b: { inherits: ['c'] },
    c: { inherits: ['b'] },
    d: { inherits: ['a'] },
  });
  assert.deepEqual(issues, ['c.inherits.0 a role cannot inherit itself: b → c → b']);
  assert.deepEqual([...roles.holdersOf('c')], ['a', 'b', 'c', 'd']);
  assert.deepEqual(build({ a: { inherits: ['a'] } }).issues, ['a.inherits.0 a role cannot inherit itself: a → a']);
});

test('two ways to the same role are no circle', () => {
  const { issues } = build({ a: { inherits: ['b', 'c'] }, b: { inherits: ['d'] }, c: { inherits: ['d'] }, d: {} });
  assert.deepEqual(issues, []);
});

test('no roles at all are roles too', () => {
  const { roles, issues } = build(undefined);
  assert.deepEqual([...roles.names], []);
  assert.deepEqual([...roles.grantersOf('orders:read')], []);
  assert.deepEqual(issues, []);
});

test('names that objects inherit are ordinary names', () => {
  const options: RolesOptions = JSON.parse(
    '{"__proto__":{"permissions":["a:b"]},"constructor":{"inherits":["__proto__"]}}',
  );
  const { roles, issues } = build(options);
  assert.deepEqual(issues, []);
  assert.deepEqual([...roles.grantersOf('a:b')], ['__proto__', 'constructor']);
});

test('holding a role is reflexive and follows inheritance', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const options = fc.dictionary(name, fc.record({ inherits: fc.array(name, { maxLength: 3 }) }), { minKeys: 1 });
  fc.assert(
    fc.property(options, (given) => {
      const { roles } = build(given);
      for (const [role, { inherits }] of Object.entries(given)) {
        assert.ok(roles.holdersOf(role).has(role));
        for (const parent of inherits) assert.ok(roles.holdersOf(parent).isSupersetOf(roles.holdersOf(role)));
      }
    }),
  );
});
