import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type SubjectSketch } from '../../test/support/requests.ts';
import { asksForPrincipal, buildRequirement } from './index.ts';

function build(equal: unknown, negated = false) {
  const { context, issues } = recordIssues();
  const options = negated ? { not: { equal } } : { equal };
  return { check: buildRequirement(options, { ...anAuthority(), pathNames: ['user'] }, context), issues };
}

function outcome(equal: unknown, subject: SubjectSketch, negated = false): string {
  const { check, issues } = build(equal, negated);
  assert.deepEqual(issues, []);
  const verdict = check(aSubject(subject));
  return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
}

const owner = ['principal.id', 'path.user'];
const ask = (user: string, id = 'alice'): SubjectSketch => ({ principal: { id }, parameters: { user } });

test('two references are equal by every character', () => {
  assert.equal(outcome(owner, ask('alice')), 'pass');
  for (const user of ['Alice', 'alice ', 'alic', 'alice2', 'bob', 'ａlice', 'al\u0131ce']) {
    assert.equal(outcome(owner, ask(user)), 'values_differ', user);
    assert.equal(outcome(owner, ask(user), true), 'pass', user);
  }
  // Composed and decomposed: nothing is normalised.
  assert.equal(outcome(owner, ask('e\u0301', '\u00e9')), 'values_differ');
});

test('a literal stands for itself, also where it looks like a reference', () => {
  const host = ['host', { value: 'api.example.com' }];
  assert.equal(outcome(host, {}), 'pass');
  assert.equal(outcome(['path.user', { value: 'principal.id' }], { parameters: { user: 'principal.id' } }), 'pass');
  assert.equal(outcome(['path.user', { value: 'principal.id' }], ask('alice')), 'values_differ');
});

test('a number or a boolean of a claim is compared as the text of its JSON', () => {
  const claim = ['claims.tenant', 'path.user'];
  for (const [json, same, other] of [
    ['{"tenant":1}', '1', '1.0'],
    ['{"tenant":true}', 'true', 'True'],
  ] as const) {
    const principal = { claims: JSON.parse(json) };
    assert.equal(outcome(claim, { principal, parameters: { user: same } }), 'pass', json);
    assert.equal(outcome(claim, { principal, parameters: { user: other } }), 'values_differ', json);
  }
});

test('of three, all must be equal', () => {
  const three = ['principal.id', 'path.user', 'header.x-user'];
  const with3 = (value: string): SubjectSketch => ({ ...ask('alice'), request: { headers: { 'x-user': value } } });
  assert.equal(outcome(three, with3('alice')), 'pass');
  assert.equal(outcome(three, with3('bob')), 'values_differ');
});

test('a repeated header equals neither of its values', () => {
  const subject: SubjectSketch = { principal: {}, request: { headers: { 'x-user': ['alice', 'bob'] } } };
  for (const order of [
    ['alice', 'bob'],
    ['bob', 'alice'],
    ['alice', 'alice'],
  ]) {
    const repeated = { ...subject, request: { headers: { 'x-user': order } } };
    assert.equal(outcome(['principal.id', 'header.x-user'], repeated), 'values_differ');
  }
});

test('what is absent or empty equals nothing and differs from nothing', () => {
  const claim = ['claims.tenant', 'path.user'];
  for (const json of ['{}', '{"tenant":""}', '{"tenant":null}', '{"tenant":["alice"]}', '{"tenant":{"x":"alice"}}']) {
    const subject = { principal: { claims: JSON.parse(json) }, parameters: { user: 'alice' } };
    assert.equal(outcome(claim, subject), 'values_differ', json);
    assert.equal(outcome(claim, subject, true), 'condition_negated', json);
  }
  const both = { request: { headers: { 'x-a': '', 'x-b': '' } } };
  assert.equal(outcome(['header.x-a', 'header.x-b'], both), 'values_differ');
  assert.equal(outcome(['header.x-c', 'header.x-d'], both), 'values_differ');
});

test('nobody equals nobody', () => {
  assert.equal(outcome(owner, { parameters: { user: 'alice' } }), 'values_differ');
  assert.equal(outcome(owner, { parameters: { user: 'alice' } }, true), 'condition_negated');
  assert.equal(outcome(['principal.id', 'principal.key'], {}), 'values_differ');
});

test('it asks for a principal where one of its references does', () => {
  assert.equal(asksForPrincipal({ equal: owner }), true);
  assert.equal(asksForPrincipal({ not: { equal: ['header.a', 'claims.b'] } }), true);
  assert.equal(asksForPrincipal({ equal: ['header.a', 'path.user', { value: 'principal.id' }] }), false);
});

test('the detail names the references, and none of their values', () => {
  const { check } = build(owner);
  assert.deepEqual(check(aSubject(ask('bob'))).detail, { equal: owner });
});

test('what is no comparison is an issue in its place', () => {
  for (const [equal, issue] of [
    [['principal.id'], /^equal compares at least two values/],
    [[{ value: 'a' }, { value: 'a' }], /^equal compares at least two values, of which one is a reference/],
    [['principal.id', 'path.usr'], /^equal.1 the path has no segment \{usr\}; it has \{user\}/],
    [['principal.name', 'path.user'], /^equal.0 "principal.name" is no reference; write one of principal.key/],
    [['__proto__', 'path.user'], /^equal.0 "__proto__" is no reference/],
  ] as const) {
    assert.match(build(equal).issues[0] ?? 'none', issue);
  }
});
