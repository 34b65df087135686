import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type PrincipalSketch } from '../../test/support/requests.ts';
import type { Subject } from '../core/plan.ts';
import type { Verdict } from '../core/verdict.ts';
import { buildRequirement, type RequirementOptions } from './index.ts';

const scope = {
  ...anAuthority({
    roles: {
      reader: { permissions: ['orders:read'] },
      editor: { inherits: ['reader'], permissions: ['orders:write'] },
      admin: { inherits: ['editor'], permissions: ['orders:*'] },
    },
  }),
  pathNames: [],
};

function requirement(options: RequirementOptions | undefined): (subject: Subject) => Verdict {
  const { context, issues } = recordIssues();
  const check = buildRequirement(options, scope, context);
  assert.deepEqual(issues, []);
  return check;
}

const judge = (options: RequirementOptions, principal: PrincipalSketch | undefined, clientAddress = '192.0.2.1') =>
  requirement(options)(aSubject({ principal, request: { clientAddress } }));

function outcome(options: RequirementOptions, principal: PrincipalSketch | undefined, address?: string): string {
  const verdict = judge(options, principal, address);
  return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
}

const issuesOf = (options: RequirementOptions): readonly string[] => {
  const { context, issues } = recordIssues();
  const check = buildRequirement(options, scope, context);
  assert.notEqual(check(aSubject({ principal: { roles: ['admin'] } })).kind, 'pass');
  return issues;
};

test('nothing configured abstains', () => {
  assert.equal(requirement(undefined)(aSubject()).kind, 'abstain');
});

test('a permission comes from a role of the principal', () => {
  const write = { permission: 'orders:write' };
  assert.equal(outcome(write, { roles: ['editor'] }), 'pass');
  assert.equal(outcome(write, { roles: ['x', 'admin'] }), 'pass');
  assert.equal(outcome(write, { roles: ['reader'] }), 'permission_missing');
  assert.equal(outcome(write, { roles: ['Editor', 'orders:write', 'toString', '__proto__'] }), 'permission_missing');
  assert.equal(outcome(write, undefined), 'permission_missing');
});

test('the details say what was wanted, what is there and by what it holds', () => {
  const write = { permission: 'orders:write' };
  assert.deepEqual(judge(write, { roles: ['admin'] }).detail, { permission: 'orders:write', by_role: 'admin' });
  assert.deepEqual(judge(write, { roles: ['reader', 'guest'] }).detail, {
    permission: 'orders:write',
    roles: ['reader', 'guest'],
    needs_one_of: ['editor', 'admin'],
  });
  assert.deepEqual(judge(write, undefined).detail, { permission: 'orders:write', principal: 'none' });
  const many = Array.from({ length: 500 }, (_, index) => `r${index}`);
  assert.equal(JSON.stringify(judge(write, { roles: many }).detail).includes('r16'), false);
});

test('a role is had itself or by inheritance', () => {
  assert.equal(outcome({ role: 'reader' }, { roles: ['admin'] }), 'pass');
  assert.equal(outcome({ role: 'admin' }, { roles: ['reader'] }), 'role_missing');
  assert.equal(outcome({ role: 'reader' }, undefined), 'role_missing');
});

test('a missing scope is refused with the challenge of RFC 6750', () => {
  assert.equal(outcome({ scope: 'orders.read' }, { scopes: ['orders.read'] }), 'pass');
  const verdict = judge({ scope: 'orders.read' }, { scopes: ['orders'] });
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.reason, 'scope_missing');
  assert.deepEqual(verdict.headers, [
    { name: 'www-authenticate', value: 'Bearer error="insufficient_scope", scope="orders.read"' },
  ]);
  assert.equal(outcome({ scope: 'orders.read' }, undefined), 'scope_missing');
});

const withClaims = (json: string): PrincipalSketch => ({ claims: JSON.parse(json) });

test('a claim is compared strictly', () => {
  const claim = (options: object, json: string): string => outcome({ claim: options }, withClaims(json));
  assert.equal(claim({ name: 'tenant', equals: 'acme' }, '{"tenant":"acme"}'), 'pass');
  for (const json of ['{}', '{"tenant":"Acme"}', '{"tenant":["acme"]}', '{"tenant":null}', '{"tenant":{"acme":1}}']) {
    assert.equal(claim({ name: 'tenant', equals: 'acme' }, json), 'claim_mismatch', json);
  }
  assert.equal(claim({ name: 'level', equals: 1 }, '{"level":"1"}'), 'claim_mismatch');
  assert.equal(claim({ name: 'ok', equals: false }, '{"ok":false}'), 'pass');
  assert.equal(claim({ name: 'ok', equals: false }, '{"ok":0}'), 'claim_mismatch');
  assert.equal(claim({ name: 'level', one_of: [1, 'two'] }, '{"level":"two"}'), 'pass');
  assert.equal(claim({ name: 'level', one_of: [1, 'two'] }, '{"level":2}'), 'claim_mismatch');
  assert.equal(claim({ name: 'groups', contains: 'staff' }, '{"groups":["x","staff"]}'), 'pass');
  assert.equal(claim({ name: 'groups', contains: 'staff' }, '{"groups":"staff"}'), 'claim_mismatch');
  assert.equal(claim({ name: 'groups', contains: 'staff' }, '{"groups":[["staff"]]}'), 'claim_mismatch');
  assert.equal(claim({ name: 'sub', exists: true }, '{"sub":""}'), 'pass');
  assert.equal(claim({ name: 'sub', exists: true }, '{"sub":null}'), 'claim_mismatch');
});

test('a claim is found by its very name, else by its path', () => {
  const claim = (name: string, json: string): string => outcome({ claim: { name, equals: 'x' } }, withClaims(json));
  assert.equal(claim('realm.group', '{"realm":{"group":"x"}}'), 'pass');
  assert.equal(claim('realm.group', '{"realm.group":"x"}'), 'pass');
  assert.equal(claim('realm.group', '{"realm.group":null,"realm":{"group":"x"}}'), 'claim_mismatch');
  assert.equal(claim('https://example.com/group', '{"https://example.com/group":"x"}'), 'pass');
  assert.equal(claim('realm.0', '{"realm":["x"]}'), 'claim_mismatch');
});

test('what objects inherit is no claim', () => {
  const claims = ['{}', '{"a":"text"}', '{"a":["x"]}', '{"a":null}'];
  for (const name of [
    'toString',
    '__proto__',
    'constructor',
    'constructor.name',
    'a.length',
    'a.0',
    'hasOwnProperty',
  ]) {
    for (const json of claims) {
      assert.equal(outcome({ claim: { name, exists: true } }, withClaims(json)), 'claim_mismatch', `${name} ${json}`);
    }
  }
});

test('an address range takes the client address', () => {
  const inside = { address: ['10.0.0.0/8', '2001:db8::/32'] };
  assert.equal(outcome(inside, undefined, '10.1.2.3'), 'pass');
  assert.equal(outcome(inside, {}, '2001:db8::7'), 'pass');
  assert.equal(outcome(inside, {}, '11.0.0.1'), 'address_not_allowed');
  assert.equal(outcome(inside, {}, ''), 'address_not_allowed');
  assert.equal(outcome({ not: inside }, {}, '11.0.0.1'), 'pass');
  assert.equal(outcome({ not: inside }, {}, '10.0.0.1'), 'condition_negated');
  assert.equal(outcome({ not: inside }, {}, ''), 'condition_negated');
});

test('several keys must all hold, and the first refusal is told', () => {
  const both = { permission: 'orders:read', scope: 's' };
  assert.equal(outcome(both, { roles: ['reader'], scopes: ['s'] }), 'pass');
  assert.equal(outcome(both, { roles: ['reader'] }), 'scope_missing');
  assert.equal(outcome(both, { scopes: ['s'] }), 'permission_missing');
  assert.equal(outcome(both, {}), 'permission_missing');
  assert.equal(outcome({ all: [{ role: 'reader' }, { role: 'admin' }] }, { roles: ['admin'] }), 'pass');
  assert.equal(outcome({ all: [{ role: 'reader' }, { role: 'admin' }] }, { roles: ['reader'] }), 'role_missing');
});

test('what holds by several conditions says all of it', () => {
  const options = { all: [{ permission: 'orders:read' }, { permission: 'orders:write' }], scope: 's' };
  assert.deepEqual(judge(options, { roles: ['editor'], scopes: ['s'] }).detail, {
    permission: ['orders:read', 'orders:write'],
    by_role: ['editor', 'editor'],
    scope: 's',
  });
});

test('one of the alternatives is enough', () => {
  const either = { any: [{ role: 'admin' }, { scope: 's' }] };
  assert.equal(outcome(either, { roles: ['admin'] }), 'pass');
  assert.equal(outcome(either, { scopes: ['s'] }), 'pass');
  assert.equal(outcome(either, { roles: ['reader'] }), 'alternatives_exhausted');
  assert.deepEqual(judge(either, {}).detail, { alternatives: ['role_missing', 'scope_missing'] });
});

test('a negation holds only for what is known not to hold', () => {
  const notAdmin = { not: { role: 'admin' } };
  assert.equal(outcome(notAdmin, { roles: ['reader'] }), 'pass');
  assert.equal(outcome(notAdmin, { roles: ['admin'] }), 'condition_negated');
  assert.equal(outcome(notAdmin, undefined), 'condition_negated');
  assert.equal(outcome({ not: notAdmin }, undefined), 'condition_negated');
  assert.equal(
    outcome({ not: { any: [{ role: 'admin' }, { address: ['10.0.0.0/8'] }] } }, undefined),
    'condition_negated',
  );
  assert.equal(outcome({ not: { all: [{ role: 'admin' }, { scope: 's' }] } }, undefined), 'condition_negated');
});

test('what is certain by an address alone stays certain without a principal', () => {
  const both = { not: { all: [{ role: 'admin' }, { address: ['10.0.0.0/8'] }] } };
  assert.equal(outcome(both, undefined, '192.0.2.1'), 'pass');
  assert.equal(outcome(both, undefined, '10.0.0.1'), 'condition_negated');
});

test('a bad requirement is an issue in its place and never passes', () => {
  const cases: readonly (readonly [RequirementOptions, RegExp])[] = [
    [{}, /^ holds no condition/],
    [{ permision: 'a:b' }, /^permision unknown condition; known are permission, role/],
    [{ toString: 'x' }, /^toString unknown condition/],
    [{ permission: 'orders:*' }, /^permission "orders:\*" is not a permission/],
    [{ permission: 'orders' }, /^permission/],
    [{ role: 'amin' }, /^role unknown role "amin"; known are reader, editor, admin/],
    [{ scope: 'a b' }, /^scope "a b" is not a single scope/],
    [{ scope: 'a"b' }, /^scope/],
    [{ claim: { name: 'x' } }, /^claim takes exactly one of equals, one_of, contains, exists/],
    [{ claim: { name: 'x', equals: 1, exists: true } }, /^claim takes exactly one/],
    [{ address: [] }, /^address holds no address/],
    [{ address: ['10.0.0.0/8', '10.0.0.1/8'] }, /^address.1 "10.0.0.1\/8"/],
    [{ all: [] }, /^all holds no requirement/],
    [{ any: [] }, /^any holds no requirement/],
    [{ any: [{ role: 'admin2' }, {}] }, /^any.0.role unknown role/],
    [{ not: {} }, /^not holds no condition/],
    [{ not: 'admin' }, /^not holds no condition/],
    [{ all: [null] }, /^all.0 holds no condition/],
  ];
  for (const [options, issue] of cases)
    assert.match(issuesOf(options)[0] ?? 'no issue', issue, JSON.stringify(options));
  assert.equal(issuesOf({ any: [{ role: 'x' }, { permission: 'y' }, { all: [] }] }).length, 3);
});

test('without any roles the message says so', () => {
  const { context, issues } = recordIssues();
  buildRequirement({ role: 'admin' }, { ...anAuthority(), pathNames: [] }, context);
  assert.match(issues[0] ?? '', /no roles are configured/);
});

test('nesting has an end', () => {
  const nest = (levels: number): RequirementOptions => (levels === 1 ? { role: 'reader' } : { not: nest(levels - 1) });
  assert.equal(outcome(nest(16), { roles: [] }), 'pass');
  assert.match(issuesOf(nest(17))[0] ?? '', /more than 16 levels/);
});
