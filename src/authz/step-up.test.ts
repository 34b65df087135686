import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAuthority } from '../../test/support/authority.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject, type PrincipalSketch } from '../../test/support/requests.ts';
import { buildRequirement, type RequirementOptions } from './index.ts';

const nowMs = Date.UTC(2026, 0, 15);
const now = nowMs / 1000;
const clock = { nowMs: () => nowMs, monotonicMs: () => 0 };

function build(options: RequirementOptions) {
  const { context, issues } = recordIssues();
  return { check: buildRequirement(options, { ...anAuthority({ clock }), pathNames: [] }, context), issues };
}

function judge(step_up: object, claims: object | undefined, given: PrincipalSketch = {}) {
  const { check, issues } = build({ step_up });
  assert.deepEqual(issues, []);
  return check(aSubject({ principal: claims && { ...given, claims: JSON.parse(JSON.stringify(claims)) } }));
}

const passes = (step_up: object, claims: object | undefined): boolean => judge(step_up, claims).kind === 'pass';

test('the context is one of those that are demanded, and a text', () => {
  const acr = ['urn:mfa', 'urn:hardware'];
  assert.ok(passes({ acr }, { acr: 'urn:mfa' }) && passes({ acr }, { acr: 'urn:hardware' }));
  for (const claims of [
    {},
    { acr: 'urn:pwd' },
    { acr: ['urn:mfa'] },
    { acr: 'urn:mfa urn:hardware' },
    { acr: '' },
    { acr: null },
  ]) {
    assert.equal(passes({ acr }, claims), false, JSON.stringify(claims));
  }
});

test('the login is recent, by clocks that may differ by half a minute', () => {
  const recent = { max_age: '5m' };
  for (const ago of [0, 300, 330, -30]) assert.ok(passes(recent, { auth_time: now - ago }), String(ago));
  for (const ago of [331, 3600, -31, now]) assert.equal(passes(recent, { auth_time: now - ago }), false, String(ago));
  for (const auth_time of [String(now), null, [now], true, undefined]) {
    assert.equal(passes(recent, { auth_time, iat: now }), false, String(auth_time));
  }
  const { check } = build({ step_up: recent });
  assert.equal(check(aSubject({ principal: { claims: JSON.parse('{"auth_time":1e400}') } })).kind, 'reject');
});

test('every method that is demanded was used', () => {
  const amr = ['hwk', 'pin'];
  assert.ok(passes({ amr }, { amr: ['pin', 'user', 'hwk'] }));
  for (const claims of [{}, { amr: ['hwk'] }, { amr: 'hwk pin' }, { amr: [['hwk'], 'pin'] }, { amr: {} }]) {
    assert.equal(passes({ amr }, claims), false, JSON.stringify(claims));
  }
});

test('all that is demanded must hold', () => {
  const all = { acr: ['urn:mfa'], max_age: '1m', amr: ['hwk'] };
  const good = { acr: 'urn:mfa', auth_time: now, amr: ['hwk'] };
  assert.ok(passes(all, good));
  for (const claim of Object.keys(good)) assert.equal(passes(all, { ...good, [claim]: undefined }), false, claim);
});

test('the refusal is the challenge of RFC 9470, and says what a login has to bring', () => {
  const verdict = judge({ acr: ['urn:mfa', 'urn:hardware'], max_age: '5m' }, { acr: 'urn:pwd', auth_time: now });
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.reason, 'step_up_required');
  assert.deepEqual(verdict.headers, [
    {
      name: 'www-authenticate',
      value: 'Bearer error="insufficient_user_authentication", acr_values="urn:mfa urn:hardware", max_age="300"',
    },
  ]);
  assert.deepEqual(verdict.stepUp, { acrValues: ['urn:mfa', 'urn:hardware'], maxAgeSeconds: 300 });
  assert.deepEqual(verdict.detail, { claim: 'acr', present: true, acr: ['urn:mfa', 'urn:hardware'] });
});

test('nobody is told the same', () => {
  const verdict = judge({ max_age: '5m' }, undefined);
  assert.ok(verdict.kind === 'reject');
  assert.deepEqual(verdict.headers, [
    { name: 'www-authenticate', value: 'Bearer error="insufficient_user_authentication", max_age="300"' },
  ]);
});

test('a token that is bound by DPoP is challenged in its own scheme', () => {
  const verdict = judge({ max_age: '5m' }, {}, { boundBy: 'dpop' });
  assert.ok(verdict.kind === 'reject');
  assert.match(verdict.headers[0]?.value ?? '', /^DPoP error="insufficient_user_authentication"/);
});

test('methods alone send no browser to log in again, for a login cannot be asked for them', () => {
  const verdict = judge({ amr: ['hwk'] }, { amr: ['pwd'] });
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.stepUp, undefined);
});

test('a claim that is not there is no more true when it is negated', () => {
  const not = build({ not: { step_up: { max_age: '5m' } } }).check;
  const outcome = (claims: string) => not(aSubject({ principal: { claims: JSON.parse(claims) } })).kind;
  assert.equal(outcome('{}'), 'reject');
  assert.equal(outcome(`{"auth_time":${now}}`), 'reject');
  assert.equal(outcome(`{"auth_time":${now - 3600}}`), 'pass');
});

test('what demands nothing, or no whole second, is an issue', () => {
  for (const [step_up, issue] of [
    [{}, /^step_up needs at least one of acr, max_age, amr/],
    [{ acr: [] }, /^step_up needs at least one/],
    [{ max_age: '0s' }, /^step_up.max_age must be whole seconds, at least one/],
    [{ max_age: '1500ms' }, /^step_up.max_age must be whole seconds/],
    [{ max_age: 'soon' }, /^step_up.max_age must be whole seconds/],
  ] as const) {
    assert.match(build({ step_up }).issues[0] ?? 'none', issue);
  }
});

test('beside other demands, a login is asked for only where it would be enough', () => {
  const strong = { step_up: { acr: ['urn:mfa'] } };
  const reasonOf = (options: RequirementOptions, principal: PrincipalSketch): string => {
    const { context, issues } = recordIssues();
    const check = buildRequirement(
      options,
      { ...anAuthority({ clock, roles: { admin: {} } }), pathNames: [] },
      context,
    );
    assert.deepEqual(issues, []);
    const verdict = check(aSubject({ principal }));
    return verdict.kind === 'reject' ? verdict.reason : verdict.kind;
  };
  for (const options of [
    { ...strong, role: 'admin' },
    { role: 'admin', ...strong },
    { all: [strong, { role: 'admin' }] },
  ]) {
    assert.equal(reasonOf(options, {}), 'role_missing');
    assert.equal(reasonOf(options, { roles: ['admin'] }), 'step_up_required');
    assert.equal(reasonOf(options, { claims: JSON.parse('{"acr":"urn:mfa"}') }), 'role_missing');
  }
  assert.equal(reasonOf({ any: [{ role: 'admin' }, strong] }, {}), 'step_up_required');
  assert.equal(reasonOf({ any: [{ role: 'admin' }, { ...strong, scope: 's' }] }, {}), 'alternatives_exhausted');
});

test('an alternative that a login would open keeps its challenge', () => {
  const { check } = build({ any: [{ scope: 's' }, { step_up: { max_age: '5m' } }] });
  const verdict = check(aSubject({ principal: {} }));
  assert.ok(verdict.kind === 'reject');
  assert.match(verdict.headers[0]?.value ?? '', /insufficient_user_authentication/);
  assert.deepEqual(verdict.stepUp, { acrValues: [], maxAgeSeconds: 300 });
  assert.deepEqual(verdict.detail['alternatives'], ['scope_missing', 'step_up_required']);
});
