import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoginGateway } from '../../../test/support/login-gateway.ts';
import { openPeople } from '../../../test/support/people.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { waitFor } from '../../envoy/condition.ts';
import { createMemoryState } from '../../store/index.ts';

// What anybody can do without a credential, as often as they like.
const people = await openPeople();
const calls = (): number => people.provider.asked.filter((path) => path === 'POST /token').length;

/** A login that was begun and did not come by the provider: its browser, and the callback with a code that is none. */
async function beginWith(gateway: LoginGateway) {
  const browser = gateway.browser();
  const verdict = await browser.ask('/');
  assert.ok(verdict.kind === 'reject' && verdict.redirect !== undefined);
  const state = new URL(verdict.redirect).searchParams.get('state');
  const iss = encodeURIComponent(people.provider.issuer);
  return { browser, back: `/.portcullis/people/callback?code=none&state=${state}&iss=${iss}` };
}
const linesOf = (gateway: LoginGateway, words: string): readonly string[] =>
  gateway
    .logged()
    .split('\n')
    .filter((line) => line.includes(words));

test('one login asks the provider once, on all replicas, however often its callback comes', async () => {
  const state = createMemoryState(people.time.clock);
  const fleet = [people.gateway({}, { state }), people.gateway({}, { state })] as const;
  const { browser, back } = await beginWith(fleet[0]);
  const before = calls();
  const pages = await Promise.all(
    Array.from({ length: 20 }, (_, index) => fleet[index % 2 === 0 ? 0 : 1].browser(browser.jar.copy()).page(back)),
  );
  assert.equal(calls() - before, 1);
  assert.equal(pages.filter(({ body }) => body.includes('login_lost')).length, 19);
  assert.ok(pages.every(({ headers }) => headers.some(({ value }) => value.includes('Max-Age=0'))));
});

test('a store that cannot mark a login as used stops none', async () => {
  const inner = createMemoryState(people.time.clock);
  const claim = async () => Promise.reject(new StoreUnavailable());
  const gateway = people.gateway({}, { state: { ...inner, values: { ...inner.values, claim } } });
  assert.equal((await gateway.browser().logIn()).status, 303);
});

test('so many logins end at once, others wait, and more than that are told to come again', async () => {
  const gateway = people.gateway({ timeout: '30s' });
  const begun = await Promise.all(Array.from({ length: 240 }, () => beginWith(gateway)));
  const before = calls();
  people.provider.misbehave('/token', { kind: 'hang' });
  const pages = begun.map(({ browser, back }) => browser.page(back));
  await waitFor({ what: 'all places are taken', holds: async () => calls() - before === 32 });
  const told = await Promise.race(pages);
  assert.match(told.body, /provider_unavailable/);
  assert.equal(calls() - before, 32);
  people.provider.release();
  const bodies = (await Promise.all(pages)).map(({ body }) => body);
  assert.equal(bodies.filter((body) => body.includes('provider_unavailable')).length, 8);
  assert.equal(calls() - before, 232);
});

test('log and audit hear of so many refusals in a second, and of how many more there were', async () => {
  const gateway = people.gateway();
  const untrue = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'logout_token=x',
  };
  for (let times = 0; times < 30; times += 1) {
    const { browser, back } = await beginWith(gateway);
    await browser.page(back);
    await browser.page('/.portcullis/people/backchannel-logout', untrue);
  }
  for (const [words, activity] of [
    ['a login failed', 'login'],
    ['a back-channel logout was refused', 'logout'],
  ] as const) {
    assert.equal(linesOf(gateway, words).length, 10);
    assert.equal(gateway.acts.filter((act) => act.activity === activity).length, 10);
  }
  people.time.advance(1000);
  await gateway.browser().page('/.portcullis/people/backchannel-logout', untrue);
  assert.match(linesOf(gateway, 'a back-channel logout was refused').at(-1) ?? '', /"leftOut":20/);
});
