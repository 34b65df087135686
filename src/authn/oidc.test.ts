import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCookieJar } from '../../test/support/cookie-jar.ts';
import { navigation, publicUrl } from '../../test/support/login-gateway.ts';
import { openPeople } from '../../test/support/people.ts';
import type { EndpointAnswer } from '../core/endpoint.ts';
import type { Identified } from '../core/identified.ts';
import type { Verdict } from '../core/verdict.ts';

const people = await openPeople();

const cookie = '__Host-portcullis-people';
const fetched = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' };

function reasonOf(verdict: Verdict<Identified>): string {
  if (verdict.kind === 'reject') return `${verdict.reason}${verdict.redirect === undefined ? '' : ' and sent'}`;
  return verdict.kind === 'fail' ? verdict.reason : verdict.kind;
}
const header = ({ headers }: Pick<EndpointAnswer, 'headers'>, name: string) =>
  headers.find((one) => one.name === name)?.value;
const principalIn = (verdict: Verdict<Identified>) => {
  assert.ok(verdict.kind === 'pass', reasonOf(verdict));
  return verdict.value.principal;
};

for (const store of ['cookie', 'shared']) {
  test(`${store}: a person logs in, returns to the page, and is known from then on`, async () => {
    const browser = people.gateway(people.session({ store })).browser();
    const answer = await browser.logIn('/orders?page=2');
    assert.equal(answer.status, 303);
    assert.equal(header(answer, 'location'), `${publicUrl}/orders?page=2`);
    assert.deepEqual(browser.jar.names(), [cookie]);
    const verdict = await browser.ask('/orders');
    const { id, kind, roles, scopes, issuer, claims, sessionId, credentialId, issuedMs } = principalIn(verdict);
    assert.deepEqual(
      [id, kind, issuer, issuedMs],
      ['alice', 'oidc', people.provider.issuer, people.time.clock.nowMs()],
    );
    assert.deepEqual([[...roles], [...scopes]], [['reader'], ['openid']]);
    assert.equal(claims['sid'], sessionId);
    assert.notEqual(credentialId, sessionId);
    assert.ok(!('nonce' in claims) && !('at_hash' in claims));
    assert.deepEqual(verdict.kind === 'pass' && verdict.value.response, []);
  });
}

test('the authorization request has PKCE, state, nonce and what the config asks for', async () => {
  const gateway = people.gateway({ scopes: ['openid', 'profile'], login: { parameters: { prompt: 'consent' } } });
  const verdict = await gateway.browser().ask('/');
  assert.ok(verdict.kind === 'reject' && verdict.redirect !== undefined);
  const { origin, pathname, searchParams: asks } = new URL(verdict.redirect);
  assert.equal(`${origin}${pathname}`, `${people.provider.issuer}/authorize`);
  assert.match(asks.get('code_challenge') ?? '', /^[\w-]{43}$/);
  assert.match(asks.get('state') ?? '', /^[\w-]{43}$/);
  assert.match(asks.get('nonce') ?? '', /^[\w-]{43}$/);
  const { code_challenge: _, state: __, nonce: ___, ...rest } = Object.fromEntries(asks);
  assert.deepEqual(rest, {
    client_id: people.provider.clientId,
    redirect_uri: `${publicUrl}/.portcullis/people/callback`,
    response_type: 'code',
    scope: 'openid profile',
    code_challenge_method: 'S256',
    prompt: 'consent',
  });
});

test('only navigations are sent to log in; everything else is told where a login begins', async () => {
  const browser = people.gateway().browser();
  for (const visit of [{ headers: fetched }, { headers: { accept: '*/*' } }, { method: 'POST' }, { headers: {} }]) {
    const verdict = await browser.ask('/orders', visit);
    assert.equal(reasonOf(verdict), 'login_required');
    assert.equal(
      verdict.kind === 'reject' && verdict.headers[0]?.value,
      `Session realm="portcullis", login="${publicUrl}/.portcullis/people/login"`,
    );
  }
  assert.deepEqual(browser.jar.names(), []);
});

test('a bearer token beside an absent session is not a login', async () => {
  const browser = people.gateway().browser();
  const visit = { headers: { ...navigation, authorization: 'Bearer x' } };
  assert.equal(reasonOf(await browser.ask('/orders', visit)), 'login_required and sent');
  assert.equal(reasonOf(await browser.ask('/orders', { headers: { authorization: 'Bearer x' } })), 'login_required');
});

test('a cookie that does not open is session_invalid: a navigation goes to the login without it', async () => {
  const gateway = people.gateway();
  for (const junk of ['', 'x', '1.x', '9.x', '2.abc']) {
    const browser = gateway.browser();
    browser.jar.set(cookie, junk);
    assert.equal(reasonOf(await browser.ask('/', { headers: fetched })), 'session_invalid');
    assert.equal(browser.jar.get(cookie), junk);
    assert.equal(reasonOf(await browser.ask('/')), 'session_invalid and sent');
    assert.equal(browser.jar.get(cookie), undefined);
  }
});

test('a session is bound to its identity, its host and its provider', async () => {
  const browser = people.gateway().browser();
  await browser.logIn();
  for (const more of [{ public_url: 'https://other.example.com' }, { session: { keys_files: ['other.key'] } }]) {
    const other = people.gateway(more).browser(browser.jar.copy());
    assert.equal(reasonOf(await other.ask('/', { headers: fetched })), 'session_invalid');
  }
  const twin = people.gateway({ session: { keys_files: ['other.key', 'session.key'] } }).browser(browser.jar.copy());
  assert.equal((await twin.ask('/')).kind, 'pass');
});

test('on a host that is not the public one nobody is sent to log in', async () => {
  const browser = people.gateway({ public_url: 'https://other.example.com' }).browser();
  assert.equal(reasonOf(await browser.ask('/')), 'login_required');
});

test('what changes something must come from the origin itself', async () => {
  const browser = people.gateway().browser();
  await browser.logIn();
  const post = async (headers: Readonly<Record<string, string>>, method = 'POST') =>
    reasonOf(await browser.ask('/orders', { method, headers }));
  assert.equal(await post({ 'sec-fetch-site': 'same-origin' }), 'pass');
  assert.equal(await post({ origin: publicUrl }), 'pass');
  for (const headers of [{}, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }, { origin: 'null' }]) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      assert.equal(await post(headers, method), 'origin_mismatch');
  }
  assert.equal(await post({ upgrade: 'websocket', origin: 'https://evil.example' }, 'GET'), 'origin_mismatch');
  assert.equal(await post({}, 'GET'), 'pass');
});

for (const store of ['cookie', 'shared']) {
  test(`${store}: a session ends when it is idle, and goes on while it is used`, async () => {
    people.provider.say({ lifeSeconds: 100_000, tokens: { refresh_token: undefined } });
    const browser = people.gateway(people.session({ store, idle: '10m', absolute: '30m' })).browser();
    await browser.logIn();
    for (let minute = 0; minute < 27; minute += 9) {
      people.time.advance(9 * 60_000);
      principalIn(await browser.ask('/'));
    }
    people.time.advance(3 * 60_000);
    assert.equal(reasonOf(await browser.ask('/', { headers: fetched })), 'session_expired');
    const other = people.gateway(people.session({ store, idle: '10m', absolute: '30m' })).browser();
    await other.logIn();
    people.time.advance(10 * 60_000);
    assert.equal(reasonOf(await other.ask('/', { headers: fetched })), 'session_expired');
    assert.equal(reasonOf(await other.ask('/')), 'session_expired and sent');
  });
}

test('without a refresh token a session is as good as its tokens, and not a moment longer', async () => {
  people.provider.say({ lifeSeconds: 60, tokens: { refresh_token: undefined } });
  const browser = people.gateway().browser();
  await browser.logIn();
  people.time.advance(58_000);
  principalIn(await browser.ask('/'));
  people.time.advance(2000);
  assert.equal(reasonOf(await browser.ask('/', { headers: fetched })), 'session_expired');
});

test('the provider away: people with a session go on, and those who want to log in are told', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  await browser.logIn();
  for (const path of ['/.well-known/openid-configuration', '/token', '/jwks']) {
    people.provider.misbehave(path, { kind: 'status', status: 500 });
  }
  principalIn(await browser.ask('/'));
  const fresh = people.gateway().browser();
  assert.equal(reasonOf(await fresh.ask('/')), 'provider_unavailable');
  assert.equal(reasonOf(await fresh.ask('/', { headers: fetched })), 'login_required');
});

test('every login has a session of its own, and nothing that was there before becomes one', async () => {
  const gateway = people.gateway(people.session({ store: 'shared' }));
  const browser = gateway.browser();
  await browser.logIn();
  const first = principalIn(await browser.ask('/'));
  const before = openCookieJar(new Map([[cookie, browser.jar.get(cookie) ?? '']]));
  await browser.follow(header(await browser.page('/.portcullis/people/login'), 'location') ?? '');
  const second = principalIn(await browser.ask('/'));
  assert.notEqual(first.credentialId, second.credentialId);
  assert.equal(reasonOf(await gateway.browser(before).ask('/', { headers: fetched })), 'session_expired');
});

test('a session of many claims is split over cookies, and one that is too large is refused', async () => {
  const gateway = people.gateway();
  people.provider.say({ idToken: { words: 'x'.repeat(2500) } });
  const browser = gateway.browser();
  await browser.logIn();
  assert.ok(browser.jar.names().length > 1);
  principalIn(await browser.ask('/'));
  const torn = gateway.browser(browser.jar.copy());
  torn.jar.set(`${cookie}.1`, (browser.jar.get(`${cookie}.1`) ?? '').slice(1));
  assert.equal(reasonOf(await torn.ask('/', { headers: fetched })), 'session_invalid');
  people.provider.say({ idToken: { words: 'x'.repeat(8000) } });
  const large = gateway.browser();
  const answer = await large.logIn();
  assert.equal(answer.status, 500);
  assert.match(answer.body, /session_too_large/);
  assert.deepEqual(large.jar.names(), []);
});

test('same_site strict: the way back is a page of our own', async () => {
  const browser = people.gateway(people.session({ same_site: 'strict' })).browser();
  const answer = await browser.logIn('/orders?a=1&b=2');
  assert.equal(answer.status, 200);
  assert.match(answer.body, /http-equiv="refresh" content="0;url=https:\/\/app\.example\.com\/orders\?a=1&amp;b=2"/);
  assert.match(answer.headers.find(({ name }) => name === 'set-cookie')?.value ?? '', /; SameSite=Strict$/);
  principalIn(await browser.ask('/orders'));
});

test('a stronger login is asked for, and what comes back must be it', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  await browser.logIn();
  const demand = { acrValues: ['gold', 'silver'], maxAgeSeconds: 300 };
  const verdict = await browser.stepUp('/transfer', demand);
  assert.ok(verdict.kind === 'reject' && verdict.redirect !== undefined);
  const { searchParams: asks } = new URL(verdict.redirect);
  assert.deepEqual([asks.get('acr_values'), asks.get('max_age')], ['gold silver', '300']);
  const answer = await browser.follow(verdict.redirect);
  assert.equal(header(answer, 'location'), `${publicUrl}/transfer`);
  assert.equal(principalIn(await browser.ask('/')).claims['acr'], 'gold');

  const tooLongAgo = people.time.clock.nowMs() / 1000 - 400;
  for (const idToken of [
    { acr: 'bronze' },
    { acr: undefined },
    { acr: ['gold'] },
    { auth_time: tooLongAgo },
    { auth_time: undefined },
  ]) {
    people.provider.say({ idToken });
    const sent = await browser.stepUp('/transfer', demand);
    const refused = await browser.follow((sent.kind === 'reject' && sent.redirect) || '');
    assert.equal(refused.status, 403);
    assert.match(refused.body, /login_insufficient/);
  }
  assert.equal(principalIn(await browser.ask('/')).claims['acr'], 'gold');
});

test('a browser whose sessions are refused as soon as they begin is told, not sent around for ever', async () => {
  const browser = people.gateway().browser();
  let rounds = 0;
  for (; rounds < 20; rounds += 1) {
    const verdict = await browser.ask('/', { headers: navigation });
    if (verdict.kind !== 'reject' || verdict.redirect === undefined) {
      assert.equal(verdict.kind === 'reject' && verdict.detail['problem'], 'loop');
      break;
    }
    assert.equal((await browser.follow(verdict.redirect)).status, 303);
    // What another replica with other keys would make of it.
    browser.jar.set(cookie, '1.junk');
  }
  // The first of them followed on no session.
  assert.equal(rounds, 6);
  // A person who begins a login of their own is not held up.
  assert.equal((await browser.page('/.portcullis/people/login')).status, 303);
});

test('explain says what stands in the cookie, and nothing of it', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  await browser.logIn();
  const { describe } = gateway.authenticator;
  const sees = (value: string | undefined): string => {
    const headers = new Map(value === undefined ? [] : [['cookie', [`${cookie}=${value}`]]]);
    return describe({ headers } as unknown as Parameters<typeof describe>[0]); // it looks at nothing else
  };
  assert.equal(sees(undefined), 'nothing');
  assert.equal(sees('x'), 'parts of a session cookie that do not belong together');
  assert.equal(sees('1.x'), 'a session cookie that does not open');
  assert.equal(sees(browser.jar.get(cookie)), 'a session cookie of ours');
});
