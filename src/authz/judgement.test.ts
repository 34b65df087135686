import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import { buildRequirement, describeRequirement, judge, type RequirementOptions } from './index.ts';

const authority = anAuthority({
  roles: {
    reader: { permissions: ['orders:read'] },
    editor: { inherits: ['reader'], permissions: ['orders:write'] },
    banned: {},
  },
});
const by = (requirement: unknown, everywhere: readonly string[], inTenant?: readonly string[]) =>
  judge(requirement, { everywhere: new Set(everywhere), inTenant: inTenant && new Set(inTenant) }, authority.roles);

test('roles and permissions are known, all else is more', () => {
  assert.equal(by(undefined, []), 'yes');
  assert.equal(by({ role: 'reader' }, ['editor']), 'yes');
  assert.equal(by({ permission: 'orders:write' }, ['reader']), 'no');
  assert.equal(by({ permission: 'orders:read', scope: 'a' }, ['reader']), 'more');
  assert.equal(by({ permission: 'orders:read', scope: 'a' }, []), 'no');
  assert.equal(by({ any: [{ role: 'reader' }, { address: ['10.0.0.0/8'] }] }, []), 'more');
  assert.equal(by({ not: { role: 'banned' } }, ['banned']), 'no');
  assert.equal(by({ not: { scope: 'a' } }, []), 'more');
});

test('what a tenant asks for depends on the tenant, unless it is known', () => {
  const write = { permission: 'orders:write', tenant: 'path.tenant' };
  assert.equal(by(write, ['editor']), 'more');
  assert.equal(by(write, []), 'no');
  assert.equal(by(write, [], ['editor']), 'yes');
  assert.equal(by(write, [], ['reader']), 'no');
  assert.equal(by({ permission: 'orders:write' }, [], ['editor']), 'no');
  assert.equal(by({ tenant: 'path.tenant' }, [], ['stranger']), 'no');
});

test('what is judged is what is decided, whatever else is the case', () => {
  const leaf = fc.constantFrom<RequirementOptions>(
    { role: 'reader' },
    { role: 'banned' },
    { permission: 'orders:write' },
    { scope: 's' },
  );
  const { tree } = fc.letrec<{ tree: RequirementOptions }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie('tree').map((not) => ({ not })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    ),
  }));
  const held = fc.subarray(['reader', 'editor', 'banned', 'stranger']);
  fc.assert(
    fc.property(tree, held, (options, roles) => {
      const answer = by(options, roles);
      const check = buildRequirement(options, { ...authority, pathNames: [] }, recordIssues().context);
      const passes = [[], ['s']].map((scopes) => check(aSubject({ principal: { roles, scopes } })).kind === 'pass');
      if (answer === 'yes') assert.deepEqual(passes, [true, true]);
      if (answer === 'no') assert.deepEqual(passes, [false, false]);
    }),
  );
});

test('a requirement is one line for people', () => {
  for (const [requirement, line] of [
    [{ permission: 'a:b', scope: 's' }, 'permission a:b and scope s'],
    [{ any: [{ role: 'a' }, { all: [{ role: 'b' }, { scope: 's' }] }] }, '(role a or (role b and scope s))'],
    [{ not: { any: [{ role: 'a' }] } }, 'not (role a)'],
    [{ equal: ['principal.id', { value: 'x' }] }, 'principal.id = "x"'],
    [{ claim: { name: 'tenant', one_of: ['a', 1] } }, 'claim name=tenant one_of=a, 1'],
    [{ address: ['10.0.0.0/8', '::1'] }, 'address 10.0.0.0/8, ::1'],
    [undefined, 'nothing'],
  ] as const) {
    assert.equal(describeRequirement(requirement), line);
  }
});
