import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoginGateway, navigation, publicUrl } from '../../../test/support/login-gateway.ts';
import { openPeople } from '../../../test/support/people.ts';
import type { EndpointAnswer } from '../../core/endpoint.ts';
import type { Identified } from '../../core/identified.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import type { Verdict } from '../../core/verdict.ts';
import { waitFor } from '../../envoy/condition.ts';
import { createMemoryState } from '../../store/index.ts';

const people = await openPeople();

const page = '/.portcullis/people/logout';
const cookie = '__Host-portcullis-people';
const header = ({ headers }: EndpointAnswer, name: string) => headers.find((one) => one.name === name)?.value;
const reasonOf = (verdict: Verdict<Identified>): string => ('reason' in verdict ? verdict.reason : verdict.kind);
const fetched = { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } };
const posted = { method: 'POST', headers: { origin: publicUrl, accept: 'text/html' } };

for (const store of ['cookie', 'shared']) {
  test(`${store}: a logout ends the session and all copies of its cookie, on every replica`, async () => {
    const state = createMemoryState(people.time.clock);
    const [first, second] = [
      people.gateway(people.session({ store }), { state }),
      people.gateway(people.session({ store }), { state }),
    ];
    const browser = first.browser();
    await browser.logIn();
    const copies = [first.browser(browser.jar.copy()), second.browser(browser.jar.copy())];
    for (const copy of copies) assert.equal((await copy.ask('/')).kind, 'pass');
    const answer = await browser.page(page, posted);
    assert.equal(answer.status, 303);
    const { origin, pathname, searchParams: asks } = new URL(header(answer, 'location') ?? '');
    assert.equal(`${origin}${pathname}`, `${people.provider.issuer}/end`);
    assert.equal(asks.get('client_id'), people.provider.clientId);
    assert.equal(asks.get('post_logout_redirect_uri'), `${publicUrl}/`);
    assert.ok(people.provider.secrets.includes(asks.get('id_token_hint') ?? ''));
    assert.deepEqual(browser.jar.names(), []);
    for (const copy of copies) {
      assert.match(reasonOf(await copy.ask('/', fetched)), /credential_revoked|session_expired/);
      // A person can log in again at once.
      await copy.logIn();
      assert.equal((await copy.ask('/')).kind, 'pass');
    }
  });
}

for (const store of ['cookie', 'shared']) {
  test(`${store}: a new login ends the session that the browser had, with all copies of its cookie`, async () => {
    const gateway = people.gateway(people.session({ store }));
    const browser = gateway.browser();
    await browser.logIn();
    const copy = gateway.browser(browser.jar.copy());
    const sent = await browser.stepUp('/', { acrValues: ['mfa'], maxAgeSeconds: undefined });
    assert.ok(sent.kind === 'reject' && sent.redirect !== undefined);
    people.provider.say({ idToken: { acr: 'mfa' } });
    assert.equal((await browser.follow(sent.redirect)).status, 303);
    assert.equal((await browser.ask('/')).kind, 'pass');
    assert.match(reasonOf(await copy.ask('/', fetched)), /credential_revoked|session_expired/);
  });
}

test('the provider hears that the refresh token is given back', async () => {
  const browser = people.gateway().browser();
  await browser.logIn();
  await browser.page(page, posted);
  await waitFor({ what: 'the token is given back', holds: async () => people.provider.asked.includes('POST /revoke') });
});

test('a logout must be meant: by a form or a link of the origin, or by the address bar', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  await browser.logIn();
  const refused: readonly Readonly<Record<string, string>>[] = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of refused) {
    const answer = await browser.page(page, { method: 'POST', headers });
    assert.equal(answer.status, 403);
    assert.match(answer.body, /other_origin/);
  }
  for (const site of ['cross-site', 'same-site']) {
    const answer = await browser.page(page, { headers: { ...navigation, 'sec-fetch-site': site } });
    assert.equal(answer.status, 200);
    assert.match(answer.body, /<form method="post" action="\/\.portcullis\/people\/logout"><button>/);
  }
  const image = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-origin' };
  assert.equal((await browser.page(page, { headers: image })).status, 200);
  assert.equal((await browser.page(page, { headers: {} })).status, 200);
  assert.equal((await browser.ask('/')).kind, 'pass');
  for (const site of ['same-origin', 'none']) {
    const copy = gateway.browser();
    await copy.logIn();
    assert.equal((await copy.page(page, { headers: { ...navigation, 'sec-fetch-site': site } })).status, 303);
  }
});

test('a logout works without a session, without the provider and without its logout', async () => {
  const gateway = people.gateway({ logout: { after: '/bye' } });
  const stranger = gateway.browser();
  stranger.jar.set(cookie, '1.junk');
  assert.equal(header(await stranger.page(page, posted), 'location'), `${publicUrl}/bye`);
  assert.deepEqual(stranger.jar.names(), []);

  const browser = gateway.browser();
  await browser.logIn();
  people.provider.say({ metadata: { end_session_endpoint: undefined } });
  const quiet = people.gateway({ logout: { after: '/bye' } }).browser(browser.jar.copy());
  assert.equal(header(await quiet.page(page, posted), 'location'), `${publicUrl}/bye`);

  const local = people.gateway({ logout: { rp_initiated: false } });
  const another = local.browser();
  await another.logIn();
  assert.equal(header(await another.page(page, posted), 'location'), `${publicUrl}/`);
});

test('a logout that the other replicas cannot hear of says so, and this browser forgets the session', async () => {
  const inner = createMemoryState(people.time.clock);
  const log = inner.log('revocations');
  const state = {
    ...inner,
    log: () => ({ ...log, append: async () => Promise.reject(new StoreUnavailable()) }),
  };
  const browser = people.gateway({}, { state }).browser();
  await browser.logIn();
  const answer = await browser.page(page, posted);
  assert.equal(answer.status, 503);
  assert.match(answer.body, /store_unavailable/);
  assert.deepEqual(browser.jar.names(), []);
});

const backchannel = '/.portcullis/people/backchannel-logout';
const tell = (gateway: LoginGateway, body: string, type = 'application/x-www-form-urlencoded') =>
  gateway.browser().page(backchannel, { method: 'POST', headers: { 'content-type': type }, body });
const tokenOf = (claims: Readonly<Record<string, unknown>>, ...more: readonly Readonly<Record<string, unknown>>[]) =>
  `logout_token=${people.provider.logoutToken(claims, ...more)}`;

test('the provider ends a session by its sid, on every replica, and no other', async () => {
  const state = createMemoryState(people.time.clock);
  const fleet = [people.gateway({}, { state }), people.gateway({}, { state })] as const;
  const [gone, stays] = [fleet[0].browser(), fleet[0].browser()];
  await gone.logIn();
  await stays.logIn();
  const verdict = await gone.ask('/');
  const sid = verdict.kind === 'pass' ? verdict.value.principal.sessionId : '';
  const answer = await tell(fleet[1], tokenOf({ sid, sub: 'alice' }));
  assert.deepEqual([answer.status, answer.body, header(answer, 'cache-control')], [200, '', 'no-store']);
  for (const replica of fleet) {
    assert.equal(reasonOf(await replica.browser(gone.jar.copy()).ask('/', fetched)), 'credential_revoked');
    assert.equal((await replica.browser(stays.jar.copy()).ask('/', fetched)).kind, 'pass');
  }
  await gone.logIn();
  assert.equal((await gone.ask('/')).kind, 'pass');
});

test('a logout by sid ends the sessions of its person that know no sid, and nobody else’s', async () => {
  const gateway = people.gateway();
  people.provider.say({ idToken: { sid: undefined } });
  const browser = gateway.browser();
  await browser.logIn();
  people.time.advance(1);
  assert.equal((await tell(gateway, tokenOf({ sub: 'bob', sid: 's1' }))).status, 200);
  assert.equal((await browser.ask('/')).kind, 'pass');
  assert.equal((await tell(gateway, tokenOf({ sub: 'alice', sid: 's2' }))).status, 200);
  assert.equal(reasonOf(await browser.ask('/', fetched)), 'credential_revoked');
  await browser.logIn();
  assert.equal((await browser.ask('/')).kind, 'pass');
});

test('the provider ends all sessions of a person until now, and none that begins later', async () => {
  const gateway = people.gateway();
  const [first, second] = [gateway.browser(), gateway.browser()];
  await first.logIn();
  await second.logIn();
  people.time.advance(1);
  assert.equal((await tell(gateway, tokenOf({ sub: 'alice' }))).status, 200);
  assert.equal(reasonOf(await first.ask('/', fetched)), 'credential_revoked');
  assert.equal(reasonOf(await second.ask('/', fetched)), 'credential_revoked');
  await first.logIn();
  assert.equal((await first.ask('/')).kind, 'pass');
});

test('audit hears of every login and logout, and of those that came to nothing', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  await browser.logIn();
  const verdict = await browser.ask('/');
  const session = verdict.kind === 'pass' ? verdict.value.principal.credentialId : '';
  await browser.page(page, posted);
  people.provider.say({ authorize: { code: undefined, error: 'access_denied' } });
  await browser.logIn();
  await tell(gateway, tokenOf({ sub: 'alice', sid: 's1' }));
  await tell(gateway, tokenOf({}));
  assert.deepEqual(
    gateway.acts.map(({ activity, by, subject, session: one, refusal }) => [activity, by, subject, one, refusal]),
    [
      ['login', 'person', 'alice', session, undefined],
      ['logout', 'person', 'alice', session, undefined],
      ['login', 'person', undefined, undefined, 'login_denied'],
      ['logout', 'provider', 'alice', 's1', undefined],
      ['logout', 'provider', undefined, undefined, 'logout_unverified'],
    ],
  );
  assert.ok(gateway.acts.every(({ identity }) => identity === 'people'));
});

const event = 'http://schemas.openid.net/event/backchannel-logout';
const untrue: Readonly<Record<string, () => readonly [Readonly<Record<string, unknown>>, ...object[]]>> = {
  'neither sub nor sid': () => [{}],
  'a nonce': () => [{ sub: 'alice', nonce: 'x' }],
  'another issuer': () => [{ sub: 'alice', iss: 'https://evil.example' }],
  'another audience': () => [{ sub: 'alice', aud: 'other' }],
  'no audience': () => [{ sub: 'alice', aud: undefined }],
  'no events': () => [{ sub: 'alice', events: undefined }],
  'another event': () => [{ sub: 'alice', events: { 'urn:other': {} } }],
  'an event that is no object': () => [{ sub: 'alice', events: { [event]: true } }],
  'no jti': () => [{ sub: 'alice', jti: undefined }],
  'a jti that is a number': () => [{ sub: 'alice', jti: 1 }],
  'no iat': () => [{ sub: 'alice', iat: undefined }],
  'an iat to come': () => [{ sub: 'alice', iat: people.time.clock.nowMs() / 1000 + 600 }],
  'an iat of long ago': () => {
    const now = people.time.clock.nowMs() / 1000;
    return [{ sub: 'alice', iat: now - 331, exp: now + 3600 }];
  },
  'no exp': () => [{ sub: 'alice', exp: undefined }],
  'an exp that is past': () => [{ sub: 'alice', exp: people.time.clock.nowMs() / 1000 - 600 }],
  'a sub that is a number': () => [{ sub: 1 }],
  'a sid that is a list': () => [{ sub: 'alice', sid: ['a'] }],
  'the type of an access token': () => [{ sub: 'alice' }, { typ: 'at+jwt' }],
  'no algorithm': () => [{ sub: 'alice' }, { alg: 'none' }],
  'an unknown key': () => [{ sub: 'alice' }, { kid: 'unknown' }],
};
for (const [title, claims] of Object.entries(untrue)) {
  test(`a logout token with ${title} ends nothing`, async () => {
    const gateway = people.gateway();
    const browser = gateway.browser();
    await browser.logIn();
    people.time.advance(1);
    const answer = await tell(gateway, tokenOf(...(claims() as [Readonly<Record<string, unknown>>]))); // as tokenOf takes them
    assert.deepEqual([answer.status, answer.body], [400, '{"error":"invalid_request"}']);
    assert.equal(header(answer, 'cache-control'), 'no-store');
    assert.equal((await browser.ask('/')).kind, 'pass');
  });
}

test('a logout token without typ is one; it is taken once', async () => {
  const gateway = people.gateway();
  const body = tokenOf({ sub: 'bob' }, { typ: undefined });
  assert.equal((await tell(gateway, body)).status, 200);
  assert.equal((await tell(gateway, body)).status, 400);
  assert.match(gateway.logged(), /"problem":"replay"/);
});

test('a logout token is remembered as long as it would be believed, which is minutes whatever its exp', async () => {
  const gateway = people.gateway();
  const exp = people.time.clock.nowMs() / 1000 + 365 * 86_400;
  const another = (): string => tokenOf({ sub: 'bob', exp });
  const [body, early, late] = [another(), another(), another()];
  assert.equal((await tell(gateway, body)).status, 200);
  people.time.advance(329_000);
  assert.equal((await tell(gateway, body)).status, 400);
  assert.match(gateway.logged(), /"problem":"replay"/);
  assert.equal((await tell(gateway, early)).status, 200);
  people.time.advance(2000);
  assert.equal((await tell(gateway, late)).status, 400);
  assert.match(gateway.logged(), /"problem":"claim iat"/);
});

test('anything else than a form with one logout token is refused', async () => {
  const gateway = people.gateway();
  const token = people.provider.logoutToken({ sub: 'alice' });
  for (const [body, type] of [
    ['', undefined],
    ['logout_token=', undefined],
    ['logout_token=x', undefined],
    [`token=${token}`, undefined],
    [`logout_token=${token}&logout_token=${token}`, undefined],
    [`logout_token=${token}`, 'application/json'],
    [`logout_token=${token}`, 'text/plain'],
    [`logout_token=${token}&x=${'y'.repeat(65_536)}`, undefined],
  ] as const) {
    assert.equal((await tell(gateway, body, type)).status, 400);
  }
  assert.equal(
    (await tell(gateway, `logout_token=${token}`, 'Application/X-WWW-Form-Urlencoded; charset=utf-8')).status,
    200,
  );
});

test('a logout that the other replicas cannot hear of is refused, and may be told again', async () => {
  const inner = createMemoryState(people.time.clock);
  const log = inner.log('revocations');
  let away = true;
  const append: typeof log.append = async (...entry) =>
    away ? Promise.reject(new StoreUnavailable()) : log.append(...entry);
  const gateway = people.gateway({}, { state: { ...inner, log: () => ({ ...log, append }) } });
  const body = tokenOf({ sub: 'alice' });
  assert.equal((await tell(gateway, body)).status, 400);
  away = false;
  assert.equal((await tell(gateway, body)).status, 200);
});
