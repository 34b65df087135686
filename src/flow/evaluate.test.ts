import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRule } from '../../test/support/plans.ts';
import { aPrincipal, aRequest } from '../../test/support/requests.ts';
import { identified } from '../core/identified.ts';
import type { Rule } from '../core/plan.ts';
import { openTrail } from '../core/trail.ts';
import { fail, passWith, reject } from '../core/verdict.ts';
import { evaluate } from './evaluate.ts';

const cookie = { name: 'set-cookie', value: 'sid=new', append: true } as const;
const identify: Rule['identify'] = async () => passWith(identified(aPrincipal(), [cookie]));

async function evaluated(given: Partial<Rule>, signal = new AbortController().signal) {
  const trail = openTrail();
  const rule = aRule({ identify, ...given });
  return { ...(await evaluate({ rule, parameters: new Map() }, aRequest(), trail, signal)), entries: trail.entries };
}

test('what identify has for the caller is on every allow', async () => {
  const rate = { name: 'ratelimit', value: 'a;r=1' };
  const { response } = await evaluated({ limitLate: async () => passWith([rate]) });
  assert.deepEqual(response, [rate, cookie]);
});

test('and on what later steps refuse, beside their own headers', async () => {
  const own = { name: 'retry-after', value: '1' };
  for (const refusing of [
    { authorize: () => reject('role_missing', {}, { headers: [own] }) },
    { limitLate: async () => reject('limit_exceeded', {}, { headers: [own] }) },
    { inspect: () => reject('body_mismatch', {}, { headers: [own] }) },
  ] satisfies Partial<Rule>[]) {
    const { refusal } = await evaluated(refusing);
    assert.ok(refusal?.kind === 'reject');
    assert.deepEqual(refusal.headers, [own, cookie]);
  }
});

test('and on failures of ours: the credential of before may be of no more use', async () => {
  const { refusal } = await evaluated({ inspect: () => fail('inspection_failed') });
  assert.deepEqual([refusal?.reason, refusal?.headers], ['inspection_failed', [cookie]]);
  const plain = await evaluated({
    identify: async () => passWith(identified(aPrincipal())),
    inspect: () => fail('inspection_failed'),
  });
  assert.equal(plain.refusal?.headers, undefined);
});

const demand = { acrValues: ['gold'], maxAgeSeconds: undefined };

test('a rejection that another authentication could lift is handed to those who can ask for it', async () => {
  const authorize: Rule['authorize'] = () => reject('step_up_required', {}, { stepUp: demand });
  const { refusal, entries } = await evaluated({
    authorize,
    stepUp: async (subject, { stepUp, reason }) => {
      assert.equal(subject.principal?.id, 'alice');
      assert.deepEqual(stepUp, demand);
      return reject(reason, {}, { redirect: 'https://idp.example/auth' });
    },
  });
  assert.ok(refusal?.kind === 'reject');
  assert.equal(refusal.redirect, 'https://idp.example/auth');
  assert.equal(entries.at(-1)?.reason, 'step_up_required');
});

test('other rejections are nobody’s to lift, and whoever takes too long has not lifted it', async () => {
  const stepUp: Rule['stepUp'] = () => Promise.reject(new Error('asked for nothing'));
  assert.equal((await evaluated({ authorize: () => reject('role_missing'), stepUp })).refusal?.reason, 'role_missing');
  const controller = new AbortController();
  const slow = await evaluated(
    {
      authorize: () => reject('step_up_required', {}, { stepUp: demand }),
      stepUp: () => {
        controller.abort();
        return new Promise(() => {});
      },
    },
    controller.signal,
  );
  assert.equal(slow.refusal?.reason, 'deadline_exceeded');
});
