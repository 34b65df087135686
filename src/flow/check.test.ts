import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allows, checkMessage } from '../../test/support/check-messages.ts';
import { aPlan, aRule } from '../../test/support/plans.ts';
import { type AttributesSketch, anAttributes, aPrincipal } from '../../test/support/requests.ts';
import { systemClock } from '../core/clock.ts';
import { identified } from '../core/identified.ts';
import type { Plan, Rule } from '../core/plan.ts';
import { type Log, silentSignals, silentTracing } from '../core/ports.ts';
import { type ClosedTrail, openTrail } from '../core/trail.ts';
import { abstain, fail, passWith, reject } from '../core/verdict.ts';
import { type Call, check, decide } from './check.ts';

const never = new AbortController().signal;
const decideFor = (plan: Plan, given: AttributesSketch = {}, signal = never, trail = openTrail()) =>
  decide(passWith(anAttributes(given)), plan, 'id-1', trail, signal);
const ruleOutcome = async (given: Partial<Rule>) => (await decideFor(aPlan(aRule(given)))).decision;
const reasonOf = async (given: Partial<Rule>): Promise<string> => {
  const decision = await ruleOutcome(given);
  return decision.effect === 'deny' ? decision.reason : 'ok';
};
const boom = (): never => {
  throw new RangeError('a secret value');
};

test('an allow names who it is and takes every spelling of our headers and all credentials away', async () => {
  const headers = new Map([
    ['x-user', ['root']],
    ['x_user_source', ['evil']],
    ['x-decision_id', ['1']],
    ['authorization', ['Bearer t']],
    ['accept', ['*/*']],
  ]);
  const plan = aPlan(aRule({ identify: async () => passWith(identified(aPrincipal())) }));
  const { decision } = await decideFor(plan, { headers });
  assert.equal(decision.effect, 'allow');
  if (decision.effect !== 'allow') return;
  assert.deepEqual(decision.set, [
    { name: 'x-decision-id', value: 'id-1' },
    { name: 'x-user', value: 'alice' },
    { name: 'x-user-source', value: 'users' },
  ]);
  assert.deepEqual(decision.remove, ['x_user_source', 'x-decision_id', 'authorization']);
  assert.deepEqual(decision.metadata, {
    rule: 'orders',
    principal: 'users/alice',
    principal_id: 'alice',
    principal_source: 'users',
    decision_id: 'id-1',
    reason: 'ok',
  });
});

test('an anonymous allow removes the headers that name a caller, and pass_credentials keeps credentials', async () => {
  const headers = new Map([
    ['x-user', ['root']],
    ['x-api-key', ['k']],
  ]);
  const { decision } = await decideFor(aPlan(aRule({ passCredentials: true })), { headers });
  assert.deepEqual(decision.effect === 'allow' && decision.remove, ['x-user', 'x-user-source']);
});

test('our own names go even when the filter hid them from us', async () => {
  const { decision } = await decideFor(aPlan(aRule()));
  assert.deepEqual(decision.effect === 'allow' && decision.remove, ['x-user', 'x-user-source']);
});

test('every step can refuse, and the first refusal decides', async () => {
  assert.equal(await reasonOf({ limitEarly: async () => reject('limit_exceeded'), identify: boom }), 'limit_exceeded');
  assert.equal(await reasonOf({ identify: async () => reject('token_expired'), authorize: boom }), 'token_expired');
  assert.equal(await reasonOf({ authorize: () => reject('role_missing'), limitLate: boom }), 'role_missing');
  assert.equal(await reasonOf({ limitLate: async () => reject('limit_exceeded'), inspect: boom }), 'limit_exceeded');
  assert.equal(await reasonOf({ inspect: () => reject('body_mismatch') }), 'body_mismatch');
  assert.equal(await reasonOf({ inspect: () => fail('inspection_failed') }), 'inspection_failed');
});

test('a bug in any step is a denial with 503 that does not tell what the bug said', async () => {
  for (const step of ['limitEarly', 'identify', 'authorize', 'limitLate', 'inspect', 'upstream'] as const) {
    const decision = await ruleOutcome({ [step]: boom });
    assert.equal(decision.effect === 'deny' && decision.reason, 'internal_error', step);
    assert.equal(decision.effect === 'deny' && decision.status, 503, step);
    assert.ok(!JSON.stringify(decision).includes('secret'), step);
  }
  const { decision: late, request } = await decideFor(aPlan(aRule({ upstream: boom })));
  assert.deepEqual([late.rule, request?.path], ['orders', '/orders']);
  for (const part of ['guard', 'match'] as const) {
    const { decision } = await decideFor(aPlan(aRule(), { [part]: boom }));
    assert.equal(decision.effect === 'deny' && decision.reason, 'internal_error', part);
  }
  const { decision } = await decideFor(
    aPlan(aRule(), {
      match: () => {
        throw 'no error object';
      },
    }),
  );
  assert.equal(decision.effect, 'deny');
});

test('an allow that Envoy could not carry out is a denial, also in the audit', async () => {
  const trail = openTrail();
  const plan = aPlan(aRule({ upstream: () => [{ name: 'x-tenant', value: 'a\r\nx-role: admin' }] }));
  const { decision } = await decideFor(plan, {}, never, trail);
  assert.equal(decision.effect === 'deny' && decision.reason, 'internal_error');
  assert.deepEqual([trail.entries.at(-1)?.step, trail.entries.at(-1)?.reason], ['respond', 'internal_error']);
});

test('a guard or a decoder that says nothing is a denial', async () => {
  const silent = await decideFor(aPlan(aRule(), { guard: () => abstain() }));
  assert.equal(silent.decision.effect === 'deny' && silent.decision.reason, 'internal_error');
  const undecoded = await decide(reject('call_undecodable'), aPlan(aRule()), 'id', openTrail(), never);
  assert.equal(undecoded.decision.effect === 'deny' && undecoded.decision.status, 400);
  const refused = await decideFor(aPlan(aRule(), { guard: () => reject('path_ambiguous') }));
  assert.equal(refused.decision.effect === 'deny' && refused.decision.reason, 'path_ambiguous');
});

test('nothing matches: deny, with the request known to the audit', async () => {
  const match: Plan['match'] = () => ({ shadows: [], decides: reject('no_rule') });
  const { decision, request } = await decideFor(aPlan(aRule(), { match }));
  assert.equal(decision.effect === 'deny' && decision.reason, 'no_rule');
  assert.equal(decision.rule, undefined);
  assert.equal(request?.path, '/orders');
});

test('a step that nobody waits for any more is a denial, before and during it', async () => {
  const hanging: Partial<Rule> = { identify: () => new Promise(() => {}) };
  const late = await decideFor(aPlan(aRule(hanging)), {}, AbortSignal.abort());
  assert.equal(late.decision.effect === 'deny' && late.decision.reason, 'deadline_exceeded');
  const controller = new AbortController();
  const pending = decideFor(aPlan(aRule(hanging)), {}, controller.signal);
  controller.abort();
  assert.equal((await pending).decision.effect, 'deny');
});

test('the denial is problem+json with the public reason, and what a step exposes replaces none of its members', async () => {
  const expose = { pointer: '/item', status: 200, decision_id: 'forged' };
  const headers = [{ name: 'retry-after', value: '3' }];
  const decision = await ruleOutcome({ inspect: () => reject('body_mismatch', {}, { expose, headers }) });
  assert.equal(decision.effect, 'deny');
  if (decision.effect !== 'deny') return;
  assert.deepEqual(JSON.parse(decision.body), {
    pointer: '/item',
    type: 'about:blank',
    title: 'Unprocessable Entity',
    status: 422,
    reason: 'invalid_request',
    decision_id: 'id-1',
  });
  assert.deepEqual(
    decision.headers.map(({ name }) => name),
    ['content-type', 'cache-control', 'x-decision-id', 'retry-after'],
  );
});

test('headers of both limit phases reach the caller as one list each', async () => {
  const early = passWith([{ name: 'ratelimit', value: '"a";r=1' }]);
  const late = passWith([
    { name: 'ratelimit', value: '"b";r=2' },
    { name: 'ratelimit-policy', value: '"b";q=3' },
  ]);
  const both = await ruleOutcome({ limitEarly: async () => early, limitLate: async () => late });
  assert.deepEqual(both.effect === 'allow' && both.response, [
    { name: 'ratelimit', value: '"a";r=1, "b";r=2' },
    { name: 'ratelimit-policy', value: '"b";q=3' },
  ]);
  const one = await ruleOutcome({ limitLate: async () => late });
  assert.deepEqual(one.effect === 'allow' && one.response, late.value);
});

function harness(plan: Plan) {
  const recorded = Promise.withResolvers<ClosedTrail>();
  const failures: unknown[] = [];
  const logged = Promise.withResolvers<void>();
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (fields) => {
      failures.push(fields);
      logged.resolve();
    },
  };
  const deps = {
    plan: () => plan,
    clock: systemClock,
    newId: () => 'id-2',
    audit: { record: (trail: ClosedTrail) => recorded.resolve(trail) },
    signals: silentSignals,
    tracing: silentTracing,
    log,
    budgetMs: 1000,
  };
  return { deps, recorded: recorded.promise, failures, logged: logged.promise };
}

const call = (given: Partial<Call> = {}): Call => ({
  traceparent: undefined,
  signal: never,
  remainingMs: undefined,
  ...given,
});
test('check answers in bytes and records the story, with the trace of the call before that of the headers', async () => {
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const { deps, recorded } = harness(aPlan(aRule()));
  assert.ok(allows(await check(checkMessage(), call({ traceparent: parent, remainingMs: 5000 }), deps)));
  const trail = await recorded;
  assert.equal(trail.decision.id, 'id-2');
  assert.equal(trail.trace?.traceId, 'a'.repeat(32));
  assert.deepEqual(
    trail.entries.map(({ step }) => step),
    ['decode', 'guard', 'match', 'limit', 'identify', 'authorize', 'limit', 'inspect'],
  );
  const byHeader = harness(aPlan(aRule()));
  await check(checkMessage({ headers: { traceparent: parent } }), call(), byHeader.deps);
  assert.equal((await byHeader.recorded).trace?.spanId, 'b'.repeat(16));
});

test('bytes that are no CheckRequest are a denial, recorded like any other', async () => {
  const { deps, recorded } = harness(aPlan(aRule()));
  assert.ok(!allows(await check(new Uint8Array([0xff, 0xff, 0xff]), call(), deps)));
  const { decision, attributes } = await recorded;
  assert.equal(decision.effect === 'deny' && decision.reason, 'call_undecodable');
  assert.equal(attributes, undefined);
});

test('a caller that is gone, and a budget that is used up, end the decision', async () => {
  const hanging = aPlan(aRule({ identify: () => new Promise(() => {}) }));
  for (const given of [{ signal: AbortSignal.abort() }, { remainingMs: 1 }]) {
    const { deps, recorded } = harness(hanging);
    await check(checkMessage(), call(given), deps);
    const { decision } = await recorded;
    assert.equal(decision.effect === 'deny' && decision.reason, 'deadline_exceeded');
  }
});

test('shadow rules are evaluated after the decision, recorded, and decide nothing', async () => {
  const shadow = aRule({ id: 'new', mode: 'shadow', authorize: () => reject('role_missing') });
  const rule = aRule();
  const match: Plan['match'] = () => ({
    shadows: [{ rule: shadow, parameters: new Map() }],
    decides: { rule, parameters: new Map() },
  });
  const { deps, recorded } = harness(aPlan(rule, { match }));
  await check(checkMessage(), call(), deps);
  const { decision, entries } = await recorded;
  assert.equal(decision.effect, 'allow');
  const last = entries.at(-1);
  assert.deepEqual([last?.rule, last?.shadow, last?.reason], ['new', true, 'role_missing']);
});

test('a record that waits for a shadow rule is told of, and resolves when it stands', async () => {
  const slow = Promise.withResolvers<void>();
  const limitEarly = (): ReturnType<Rule['limitEarly']> => slow.promise.then(() => abstain());
  const shadow = aRule({ id: 'new', mode: 'shadow', limitEarly });
  const match: Plan['match'] = () => ({
    shadows: [{ rule: shadow, parameters: new Map() }],
    decides: { rule: aRule(), parameters: new Map() },
  });
  const { deps } = harness(aPlan(aRule(), { match }));
  const pending: Promise<void>[] = [];
  const records: ClosedTrail[] = [];
  const onPending = (record: Promise<void>): void => void pending.push(record);
  const audit = { record: (trail: ClosedTrail): void => void records.push(trail) };
  await check(checkMessage(), call(), { ...deps, audit, onPending });
  assert.deepEqual([pending.length, records.length], [1, 0]);
  slow.resolve();
  await pending[0];
  assert.equal(records.length, 1);

  await check(checkMessage(), call(), { ...harness(aPlan(aRule())).deps, onPending });
  assert.equal(pending.length, 1);
});

test('a recorder that throws fails no call and is logged', async () => {
  const { deps, failures, logged } = harness(aPlan(aRule()));
  const answer = await check(checkMessage(), call(), { ...deps, audit: { record: boom } });
  assert.ok(allows(answer));
  await logged;
  assert.equal(failures.length, 1);
});

test('strict: the answer waits until its story is on disk, and is a 503 when it cannot be', async () => {
  const kept = Promise.withResolvers<boolean>();
  const stories: ClosedTrail[] = [];
  const { deps } = harness(aPlan(aRule()));
  const audit = {
    record: () => assert.fail('recorded twice'),
    insist: (trail: ClosedTrail) => {
      stories.push(trail);
      return kept.promise;
    },
  };
  let answered = false;
  const answer = check(checkMessage(), call(), { ...deps, audit }).finally(() => {
    answered = true;
  });
  while (stories.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!answered);
  kept.resolve(true);
  assert.ok(allows(await answer));
  assert.equal(stories[0]?.decision.effect, 'allow');

  for (const insist of [async () => false, async () => boom()]) {
    const decided = Promise.withResolvers<ClosedTrail>();
    const signals = { ...silentSignals, decided: decided.resolve };
    const refused = await check(checkMessage(), call(), { ...deps, audit: { ...audit, insist }, signals });
    assert.ok(!allows(refused));
    const { decision } = await decided.promise;
    assert.ok(decision.effect === 'deny');
    assert.deepEqual([decision.reason, decision.status, decision.id], ['audit_unavailable', 503, 'id-2']);
  }
  // No rule took this one, and none is named.
  const unmatched = harness(aPlan(aRule(), { match: () => ({ shadows: [], decides: reject('no_rule') }) })).deps;
  assert.ok(!allows(await check(checkMessage(), call(), { ...unmatched, audit: { ...audit, insist: boom } })));
});
