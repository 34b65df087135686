import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPlan, aRule } from '../../test/support/plans.ts';
import { aSubject, type RequestSketch } from '../../test/support/requests.ts';
import type { Plan, Rule } from '../core/plan.ts';
import { allowance } from './upstream.ts';

const credentials: Plan['credentials'] = {
  headers: new Set(['authorization', 'dpop']),
  cookies: ['__Host-sid', '__Host-login-*'],
  queries: new Set(['api_key']),
};

const allowOf = (request: RequestSketch, given: Partial<Rule> = {}) => {
  const rule = aRule(given);
  return allowance('d1', aPlan(rule, { credentials }), rule, aSubject({ request }), [], {});
};

test('one cookie or parameter at a time, credentials are taken out and the rest stays', async () => {
  const { set, remove, removeQuery } = await allowOf({
    headers: { cookie: ['theme=dark; __Host-sid=s; __Host-login-a1=x', '__Host-sid=t;lang=de'], dpop: 'p' },
    query: 'page=2&api_key=k&api%5Fkey=l&API_KEY=m',
  });
  assert.deepEqual(
    set.find(({ name }) => name === 'cookie'),
    { name: 'cookie', value: 'theme=dark; lang=de', secret: true },
  );
  assert.ok(remove.includes('dpop') && !remove.includes('cookie'));
  assert.deepEqual(removeQuery, ['api_key', 'api%5Fkey']);
});

test('a Cookie header of nothing but credentials goes as a whole', async () => {
  const { set, remove } = await allowOf({ headers: { cookie: '__Host-sid=s; __Host-login-b=x' } });
  assert.ok(!set.some(({ name }) => name === 'cookie'));
  assert.ok(remove.includes('cookie'));
});

test('without a credential among them, cookies and parameters are left alone', async () => {
  const { set, remove, removeQuery } = await allowOf({ headers: { cookie: 'a=1; __Host-si=2' }, query: 'a=1' });
  assert.ok(!set.some(({ name }) => name === 'cookie') && !remove.includes('cookie'));
  assert.deepEqual(removeQuery, []);
});

test('pass_credentials keeps all of them', async () => {
  const request = { headers: { cookie: '__Host-sid=s', authorization: 'Bearer t' }, query: 'api_key=k' };
  const { set, remove, removeQuery } = await allowOf(request, { passCredentials: true });
  assert.ok(!set.some(({ name }) => name === 'cookie'));
  assert.deepEqual([remove.includes('cookie'), remove.includes('authorization'), removeQuery], [false, false, []]);
});

test('what the rule sets in the place of a credential is kept, also when it takes its time', async () => {
  const upstream = async () => [{ name: 'authorization', value: 'Bearer ours' }];
  const { set, remove } = await allowOf({ headers: { authorization: 'Bearer theirs' } }, { upstream });
  assert.deepEqual(set.at(-1), { name: 'authorization', value: 'Bearer ours' });
  assert.ok(!remove.includes('authorization'));
});
