import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {
  asksForPrincipal,
  buildRequirement,
  conditions,
  type RequirementOptions,
  requirementDefs,
  requirementSchema,
  rolesSchema,
} from '../../src/authz/index.ts';
import { reasons } from '../../src/core/reason.ts';
import { anAuthority } from '../support/authority.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aSubject, type PrincipalSketch } from '../support/requests.ts';

const scope = {
  ...anAuthority({
    roles: { reader: { permissions: ['orders:read'] }, editor: { inherits: ['reader'], permissions: ['orders:*'] } },
  }),
  pathNames: ['user', 'tenant'],
};
const samples = Object.entries(conditions).flatMap(([key, { schema }]) =>
  schema.examples.map((example): RequirementOptions => ({ [key]: example })),
);
const named = (options: RequirementOptions): string => JSON.stringify(options);

function build(options: RequirementOptions) {
  const { context, issues } = recordIssues();
  const check = buildRequirement(options, scope, context);
  assert.deepEqual(issues, [], named(options));
  return check;
}

const parameters = { user: 'alice', tenant: 'acme' };
const passes = (options: RequirementOptions, principal: PrincipalSketch | undefined, clientAddress = '192.0.2.1') =>
  build(options)(aSubject({ principal, parameters, request: { clientAddress } })).kind === 'pass';

const oddClaims = [
  '{}',
  '{"__proto__":{"tenant":"acme"}}',
  '{"constructor":{"prototype":{"tenant":"acme"}}}',
  '{"toString":"x","valueOf":1,"hasOwnProperty":false}',
  '{"tenant":{"toString":"acme"},"level":[1],"realm_access":"groups"}',
  '{"tenant":["acme"],"realm_access":{"groups":{"0":"staff","length":1}},"email_verified":null}',
  '{"tenant":"acme\\r\\nx-role: admin","suspended":"true","level":1e400}',
];
const oddPrincipals: readonly PrincipalSketch[] = oddClaims.flatMap((json) => [
  { claims: JSON.parse(json) },
  {
    claims: JSON.parse(json),
    roles: ['toString', '__proto__', 'orders:*', '*', 'READER', 'reader '],
    scopes: ['*', ''],
  },
]);

// Each has every claim that an example asks for, as it is wanted or not.
const authTime = scope.clock.nowMs() / 1000;
const whole: readonly PrincipalSketch[] = [
  {
    roles: ['editor'],
    scopes: ['orders.read'],
    claims: { tenant: 'acme', acr: 'urn:example:mfa', auth_time: authTime, amr: ['hwk', 'user'] },
  },
  { id: 'mallory', claims: { tenant: 'globex', acr: 'urn:example:pwd', auth_time: authTime - 3600, amr: ['pwd'] } },
];

test('every kind has a described schema and examples that are valid in the whole document', () => {
  const ajv = new Ajv2020({ formats: { prefix: true, duration: true }, allowUnionTypes: true });
  ajv.addKeyword('patternErrorMessage');
  const validate = ajv.compile({ $defs: requirementDefs, ...requirementSchema });
  for (const [key, { schema }] of Object.entries(conditions)) {
    assert.match(String(schema['description']), /Default: /, key);
    assert.ok(schema.examples.length > 0, key);
  }
  for (const options of samples) assert.ok(validate(options), `${named(options)} ${ajv.errorsText(validate.errors)}`);
  for (const options of [
    {},
    { unknown: 1 },
    { not: {} },
    { any: [] },
    { all: [{ nested: 1 }] },
    { permission: 'orders:*' },
  ]) {
    assert.ok(!validate(options), named(options));
  }
  const validateRoles = ajv.compile(rolesSchema);
  assert.ok(validateRoles({ 'Order Editors': { inherits: ['a/b'], permissions: ['orders:*'] } }));
  for (const bad of [{ '': {} }, { ' a': {} }, { a: { permissions: ['*'] } }, { a: { inherit: [] } }, { 'a\n': {} }]) {
    assert.ok(!validateRoles(bad), JSON.stringify(bad));
  }
});

const asksForAddress = (options: RequirementOptions): boolean => 'address' in options;

for (const options of samples.filter((sample) => !asksForAddress(sample))) {
  test(`${named(options)}: nobody does not fulfil it, nor its negation`, () => {
    for (const wrapped of [
      options,
      { not: options },
      { all: [options] },
      { any: [options] },
      { not: { not: options } },
    ]) {
      assert.equal(passes(wrapped, undefined), false, named(wrapped));
    }
  });
}

for (const options of samples.filter(asksForAddress)) {
  test(`${named(options)}: an unknown address does not fulfil it, nor its negation`, () => {
    for (const wrapped of [options, { not: options }, { not: { all: [options] } }]) {
      assert.equal(passes(wrapped, {}, ''), false, named(wrapped));
    }
  });
}

for (const options of samples) {
  test(`${named(options)}: odd principals get a verdict, and never a failure of ours`, () => {
    const check = build(options);
    for (const principal of oddPrincipals) {
      const verdict = check(aSubject({ principal, parameters }));
      assert.ok(verdict.kind === 'pass' || verdict.kind === 'reject');
      if (verdict.kind === 'reject') assert.ok([401, 403].includes(reasons[verdict.reason].status));
      assert.ok(!JSON.stringify(verdict).includes('x-role'), 'a claim is in the verdict');
    }
  });

  test(`${named(options)}: where all it asks about is there, the negation is the opposite, and it never holds beside it`, () => {
    const mayBeAbsent = 'equal' in options || 'step_up' in options;
    for (const principal of [...whole, ...(mayBeAbsent ? [] : oddPrincipals)]) {
      assert.notEqual(passes(options, principal), passes({ not: options }, principal));
    }
    for (const principal of oddPrincipals)
      assert.ok(!(passes(options, principal) && passes({ not: options }, principal)));
  });
}

test('no combination of conditions on a principal lets nobody in', () => {
  const leaf = fc.constantFrom(...samples.filter(asksForPrincipal));
  const { tree } = fc.letrec<{ tree: RequirementOptions }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie('tree').map((inner) => ({ not: inner })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((inner) => ({ any: inner })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((inner) => ({ all: inner })),
    ),
  }));
  fc.assert(fc.property(tree, (options) => assert.equal(passes(options, undefined), false)));
});

test('what asks for a principal never holds for nobody, wherever it stands', () => {
  for (const options of samples.filter(asksForPrincipal)) {
    for (const client of ['', '10.0.0.1', '2001:db8::1']) assert.equal(passes(options, undefined, client), false);
  }
  assert.equal(asksForPrincipal({ address: ['10.0.0.0/8'] }), false);
  assert.equal(asksForPrincipal({ not: { any: [{ address: ['10.0.0.0/8'] }, { all: [{ role: 'reader' }] }] } }), true);
});
