import assert from 'node:assert/strict';
import { test } from 'node:test';
import { navigation } from '../../../test/support/login-gateway.ts';
import { openPeople } from '../../../test/support/people.ts';

const people = await openPeople();

const fetched = { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } };
const cookie = '__Host-portcullis-people';

/** Whether a text holds a secret, or a piece of one that is long enough to be of use. */
const holds = (text: string, secret: string): boolean =>
  secret.length > 15 &&
  (text.includes(secret) || text.includes(secret.slice(-24)) || text.includes(secret.slice(0, 24)));

for (const store of ['cookie', 'shared']) {
  test(`${store}: no secret of a login, a session or a renewal is logged, told or kept in the clear`, async () => {
    const kept: string[] = [];
    const gateway = people.gateway(people.session({ store }));
    const { values } = gateway.deps.state;
    const put = values.put.bind(values);
    // The same store, listened to.
    Object.assign(values, {
      put: (key: string, value: string, ttlMs: number) => {
        kept.push(key, value);
        return put(key, value, ttlMs);
      },
    });
    const browser = gateway.browser();
    const secrets: string[] = [];
    const details: string[] = [];
    const listen = async <T>(said: Promise<T>): Promise<T> => {
      const what = await said;
      if (typeof what === 'object' && what !== null && 'detail' in what) details.push(JSON.stringify(what.detail));
      secrets.push(...browser.jar.names().map((name) => browser.jar.get(name) ?? ''));
      return what;
    };
    const sent = await listen(browser.ask('/orders'));
    const location = (sent.kind === 'reject' && sent.redirect) || '';
    const asks = new URL(location).searchParams;
    secrets.push(asks.get('state') ?? '', asks.get('nonce') ?? '', asks.get('code_challenge') ?? '');
    const page = await listen(browser.follow(location));
    await listen(browser.ask('/orders'));
    people.time.advance(250_000);
    await listen(browser.ask('/orders'));
    people.provider.misbehave('/token', {
      kind: 'status',
      status: 400,
      body: '{"error":"PLANTED-ERROR","error_description":"PLANTED"}',
    });
    people.time.advance(250_000);
    await listen(browser.ask('/orders'));
    people.provider.release();
    people.provider.say({ idToken: { sub: 'PLANTED-SUBJECT-OF-ANOTHER', nonce: 'x' } });
    const failed = await gateway.browser().logIn();
    browser.jar.set(cookie, `1.${'PLANTED'.repeat(8)}`);
    await listen(browser.ask('/orders', fetched));
    const lost = await browser.page(
      `/.portcullis/people/callback?code=PLANTED-CODE&state=PLANTED-STATE&error=PLANTED`,
      {
        headers: navigation,
      },
    );
    await gateway.browser().page('/.portcullis/people/backchannel-logout', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'logout_token=PLANTED.PLANTED.PLANTED',
    });
    people.provider.say({});

    const told = [
      gateway.logged(),
      JSON.stringify(gateway.acts),
      ...details,
      page.body,
      failed.body,
      lost.body,
      ...kept,
    ].join('\n');
    assert.ok(gateway.logged().split('\n').length >= 3);
    assert.ok(!told.includes('PLANTED'), told);
    const all = new Set([...secrets, ...people.provider.secrets]);
    assert.ok(all.size > 12);
    for (const secret of all) assert.ok(!holds(told, secret), `a secret of ${secret.length} characters`);
    assert.ok(store === 'cookie' || kept.some((key) => key.startsWith('oidc/session/')));
  });
}
