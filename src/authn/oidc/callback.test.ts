import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../test/support/authn.ts';
import { type Browser, navigation, publicUrl } from '../../../test/support/login-gateway.ts';
import { openPeople } from '../../../test/support/people.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { base64url, makeKey, signToken } from '../../../test/support/tokens.ts';
import type { EndpointAnswer } from '../../core/endpoint.ts';

const people = await openPeople();

const cookie = '__Host-portcullis-people';
const callback = '/.portcullis/people/callback';
const header = ({ headers }: EndpointAnswer, name: string) => headers.find((one) => one.name === name)?.value;
const loginCookies = (browser: Browser) => browser.jar.names().filter((name) => name.includes('.login.'));
/** The URL to which the provider sends the browser back, which has not been there yet. */
async function beginLogin(browser: Browser, path = '/'): Promise<string> {
  const verdict = await browser.ask(path);
  assert.ok(verdict.kind === 'reject' && verdict.redirect !== undefined);
  const response = await fetch(verdict.redirect, { redirect: 'manual' });
  return (response.headers.get('location') ?? '').replace(publicUrl, '');
}

test('logins in several tabs do not disturb each other, in whatever order they end', async () => {
  const browser = people.gateway().browser();
  const [first, second, third] = [
    await beginLogin(browser, '/a'),
    await beginLogin(browser, '/b'),
    await beginLogin(browser, '/c'),
  ];
  for (const [back, path] of [
    [second, '/b'],
    [third, '/c'],
    [first, '/a'],
  ] as const) {
    assert.equal(header(await browser.page(back), 'location'), `${publicUrl}${path}`);
  }
  assert.deepEqual(browser.jar.names(), [cookie]);
});

test('a browser holds so many logins, and the oldest go first', async () => {
  const browser = people.gateway({ login: { parallel: 3 } }).browser();
  const backs: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    backs.push(await beginLogin(browser));
    people.time.advance(1000);
  }
  assert.equal(loginCookies(browser).length, 3);
  browser.jar.set(`${cookie}.login.junk`, 'junk');
  await beginLogin(browser);
  assert.equal(loginCookies(browser).length, 3);
  assert.equal(browser.jar.get(`${cookie}.login.junk`), undefined);
  assert.equal((await browser.page(backs[0] ?? '')).status, 400);
  assert.equal((await browser.page(backs[4] ?? '')).status, 303);
});

test('however many cookies are sent, they are read once, and a bounded number is answered', async () => {
  const { authenticator } = people.gateway({ login: { parallel: 2 } });
  const names = Array.from({ length: 500 }, (_, index) => `${cookie}.login.${index}=A`);
  let read = 0;
  const lines = new Proxy([names.join('; ')], {
    get: (sent, name, self) => {
      read += name === '0' ? 1 : 0;
      return Reflect.get(sent, name, self);
    },
  });
  const request = aRequest({ host: 'app.example.com', headers: navigation });
  const headers = new Map([...request.headers, ['cookie', lines] as const]);
  const verdict = await authenticator.login?.({ ...request, headers }, undefined, never);
  assert.ok(verdict?.kind === 'reject' && verdict.redirect !== undefined);
  assert.equal(read, 1);
  assert.equal(verdict.headers.filter(({ name }) => name === 'set-cookie').length, 33);
});

test('a login is over once: a second callback goes on for who is logged in, and is a page with a reason else', async () => {
  const browser = people.gateway().browser();
  const back = await beginLogin(browser, '/orders');
  const before = browser.jar.copy();
  assert.equal((await browser.page(back)).status, 303);
  const again = await browser.page(back);
  assert.deepEqual([again.status, header(again, 'location')], [303, '/']);
  browser.jar.drop(cookie);
  const lost = await browser.page(back);
  assert.equal(lost.status, 400);
  assert.match(lost.body, /login_lost/);
  // With the cookie of the login copied away, and replicas that share nothing, the provider knows that the code has been used.
  const copied = people.gateway().browser(before);
  assert.match((await copied.page(back)).body, /login_failed/);
});

test('a callback without its own cookie is a page with a reason, and never sends anybody anywhere', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  const back = await beginLogin(browser);
  const stranger = gateway.browser();
  await beginLogin(stranger);
  const asked = people.provider.asked.length;
  const state = new URL(back, publicUrl).searchParams.get('state') ?? '';
  const other = new URL(await beginLogin(stranger), publicUrl).searchParams.get('state') ?? '';
  for (const url of [
    back,
    callback,
    `${callback}?`,
    `${callback}?code=x`,
    `${callback}?code=x&state=`,
    `${callback}?code=x&state=${other}x`,
    `${callback}?code=x&state=${other}&state=${other}`,
    `${callback}?code=x&state=${state.slice(0, 42)}`,
    `${callback}?error=access_denied&state=${state}`,
    `${callback}?code=x&state=${other.slice(0, 11)}${'A'.repeat(32)}`,
  ]) {
    const answer = await stranger.page(url);
    assert.equal(answer.status, 400, url);
    assert.match(answer.body, /login_lost/);
    assert.equal(header(answer, 'location'), undefined);
  }
  assert.match((await stranger.page(`${callback}?state=${other}&x=${'y'.repeat(8192)}`)).body, /request_malformed/);
  assert.ok(people.provider.asked.slice(asked).every((path) => path === 'GET /authorize'));
});

test('a login that takes too long is over', async () => {
  const browser = people.gateway({ login: { timeout: '5m' } }).browser();
  const back = await beginLogin(browser);
  people.time.advance(5 * 60_000);
  assert.match((await browser.page(back)).body, /login_lost/);
});

test('a login that was begun for one identity is not another one’s', async () => {
  const browser = people.gateway().browser();
  const back = await beginLogin(browser);
  const other = people.gateway({ public_url: 'https://app2.example.com' }).browser(browser.jar.copy());
  assert.match((await other.page(back)).body, /login_lost/);
});

const answers: readonly (readonly [
  title: string,
  said: Readonly<Record<string, unknown>>,
  problem: string,
  status: number,
])[] = [
  ['the person broke off', { code: undefined, error: 'access_denied' }, 'login_denied', 403],
  ['the provider is not well', { code: undefined, error: 'temporarily_unavailable' }, 'provider_unavailable', 503],
  ['the provider cannot', { code: undefined, error: 'invalid_scope' }, 'login_failed', 400],
  [
    'the login is not as strong',
    { code: undefined, error: 'unmet_authentication_requirements' },
    'login_insufficient',
    403,
  ],
  ['an error code of nobody', { code: undefined, error: '<script>alert(1)</script>' }, 'login_failed', 400],
  ['the answer of another issuer', { iss: 'https://evil.example' }, 'login_unverified', 400],
  ['an answer without issuer', { iss: undefined }, 'login_unverified', 400],
  ['a code that was never given', { code: 'made-up' }, 'login_failed', 400],
  ['no code', { code: undefined }, 'login_unverified', 400],
];
for (const [title, authorize, problem, status] of answers) {
  test(`${title}: ${problem}`, async () => {
    people.provider.say({ authorize: { ...authorize, error_description: 'REFLECTED' } });
    const gateway = people.gateway();
    const browser = gateway.browser();
    const script = gateway.browser();
    const page = await script.page(await beginLogin(script), { headers: { accept: 'application/json' } });
    const { reason, ...rest } = JSON.parse(page.body);
    assert.deepEqual([page.status, reason, rest.status], [status, problem, status]);
    const html = await browser.page(await beginLogin(browser));
    assert.match(html.body, new RegExp(`<code>${problem}</code>`));
    assert.match(header(html, 'content-type') ?? '', /^text\/html/);
    for (const text of [html.body, page.body, gateway.logged()]) {
      assert.ok(!text.includes('REFLECTED') && !text.includes('<script'), text);
    }
    assert.deepEqual(browser.jar.names(), []);
  });
}

type Lie = Parameters<typeof people.provider.say>[0];
const other = makeKey('ES256', 'key-ES256');
const lies: readonly (readonly [title: string, lie: () => Lie])[] = [
  ['another nonce', () => ({ idToken: { nonce: 'x' } })],
  ['no nonce', () => ({ idToken: { nonce: undefined } })],
  ['another issuer', () => ({ idToken: { iss: 'https://evil.example' } })],
  ['another audience', () => ({ idToken: { aud: 'other' } })],
  ['several audiences and no azp', () => ({ idToken: { aud: ['portcullis', 'other'] } })],
  ['another azp', () => ({ idToken: { azp: 'other' } })],
  ['an ID token that is over', () => ({ idToken: { exp: Math.floor(Date.now() / 1000) - 3600 } })],
  ['no exp', () => ({ idToken: { exp: undefined } })],
  ['exp as a text', () => ({ idToken: { exp: '9999999999' } })],
  ['no iat', () => ({ idToken: { iat: undefined } })],
  ['no sub', () => ({ idToken: { sub: undefined } })],
  ['a sub that is a number', () => ({ idToken: { sub: 1 } })],
  ['a sub with a line break', () => ({ idToken: { sub: 'a\r\nx-user: root' } })],
  ['another at_hash', () => ({ idToken: { at_hash: 'x' } })],
  ['the key of somebody else', () => ({ key: other })],
  ['a key that nobody knows', () => ({ key: makeKey('ES256', 'unknown') })],
  ['another algorithm', () => ({ key: makeKey('RS256') })],
  ['the type of an access token', () => ({ idHeader: { typ: 'at+jwt' } })],
  ['the type of a logout token', () => ({ idHeader: { typ: 'logout+jwt' } })],
  ['a critical header', () => ({ idHeader: { crit: ['x'], x: 1 } })],
  ['a logout event', () => ({ idToken: { events: {} } })],
  ['roles that are none', () => ({ idToken: { roles: { admin: true } } })],
  ['no ID token', () => ({ tokens: { id_token: undefined } })],
  [
    'an unsigned ID token',
    () => ({ tokens: { id_token: `${base64url('{"alg":"none"}')}.${base64url('{"sub":"alice"}')}.` } }),
  ],
  ['tokens of another type', () => ({ tokens: { token_type: 'mac' } })],
];
for (const [title, lie] of lies) {
  test(`${title}: nobody is let in`, async () => {
    people.provider.say(lie());
    const gateway = people.gateway();
    const browser = gateway.browser();
    const answer = await browser.logIn();
    assert.equal(answer.status, 400);
    assert.match(answer.body, /<code>login_(unverified|failed)<\/code>/);
    assert.deepEqual(browser.jar.names(), []);
    assert.match(gateway.logged(), /warn a login failed/);
  });
}

const troubles = {
  'answers 500': { kind: 'status', status: 500 },
  'answers HTML': { kind: 'status', status: 200, body: '<html>', type: 'text/html' },
  'answers 10 MB': { kind: 'status', status: 200, body: JSON.stringify({ access_token: 'x'.repeat(10_000_000) }) },
  redirects: { kind: 'status', status: 302 },
  'cuts the connection': { kind: 'close' },
} as const;
for (const [title, trouble] of Object.entries(troubles)) {
  test(`the token endpoint ${title}: provider_unavailable`, async () => {
    people.provider.misbehave('/token', trouble);
    const answer = await people.gateway().browser().logIn();
    assert.equal(answer.status, 503);
    assert.match(answer.body, /provider_unavailable/);
  });
}

test('the token endpoint hangs: provider_unavailable, in bounded time', async () => {
  people.provider.misbehave('/token', { kind: 'hang' });
  const answer = await people.gateway({ timeout: '50ms' }).browser().logIn();
  assert.match(answer.body, /provider_unavailable/);
});

test('claims come from where the config says', async () => {
  const fromUserinfo = people.gateway({ claims_from: 'userinfo' }).browser();
  await fromUserinfo.logIn();
  const verdict = await fromUserinfo.ask('/');
  assert.deepEqual(verdict.kind === 'pass' && [...verdict.value.principal.roles], ['editor']);
  assert.equal(verdict.kind === 'pass' && verdict.value.principal.claims['iss'], people.provider.issuer);
  people.provider.say({ userinfo: { sub: 'mallory' } });
  assert.match((await people.gateway({ claims_from: 'userinfo' }).browser().logIn()).body, /login_unverified/);
  people.provider.say({ userinfo: { roles: 7 } });
  assert.match((await people.gateway({ claims_from: 'userinfo' }).browser().logIn()).body, /login_unverified/);
});

test('userinfo is read strictly, and only where it says that it is JSON', async () => {
  const json = 'application/json';
  for (const [body, type, wanted] of [
    ['{"sub":"mallory","sub":"alice","roles":[]}', json, /login_unverified/],
    ['{"sub":"alice"}', 'text/html', /login_unverified/],
    ['<html>', json, /login_unverified/],
    ['["alice"]', json, /login_unverified/],
    ['{"roles":["admin"]}', json, /login_unverified/],
  ] as const) {
    people.provider.misbehave('/userinfo', { kind: 'status', status: 200, body, type });
    assert.match((await people.gateway({ claims_from: 'userinfo' }).browser().logIn()).body, wanted, body);
  }
  people.provider.misbehave('/userinfo', { kind: 'status', status: 500 });
  assert.match((await people.gateway({ claims_from: 'userinfo' }).browser().logIn()).body, /provider_unavailable/);
});

test('an access token gives claims when it is one, for us and of the same person', async () => {
  const { issuer, key } = people.provider;
  const seconds = Math.floor(people.time.clock.nowMs() / 1000);
  const sound = {
    iss: issuer,
    sub: 'alice',
    aud: 'orders',
    exp: seconds + 300,
    iat: seconds,
    roles: ['editor'],
    scope: 'a b',
  };
  const logIn = async (claims: Readonly<Record<string, unknown>>, header = {}, signer = key) => {
    const token = signToken(signer, { ...sound, ...claims }, header);
    people.provider.say({
      idToken: { at_hash: undefined, roles: ['admin'], acr: 'gold' },
      tokens: { access_token: token },
    });
    const browser = people.gateway({ claims_from: 'access_token', audience: ['orders'] }).browser();
    const { status } = await browser.logIn();
    return { status, verdict: await browser.ask('/') };
  };
  const { verdict } = await logIn({});
  assert.ok(verdict.kind === 'pass');
  const { roles, scopes, claims } = verdict.value.principal;
  assert.deepEqual(
    [[...roles], [...scopes], claims['acr'], claims['aud']],
    [['editor'], ['a', 'b'], 'gold', 'portcullis'],
  );
  for (const lie of [{ aud: 'other' }, { sub: 'mallory' }, { iss: 'https://evil.example' }, { exp: seconds - 600 }]) {
    assert.equal((await logIn(lie)).status, 400);
  }
  assert.equal((await logIn({}, { typ: 'logout+jwt' })).status, 400);
  assert.equal((await logIn({ nonce: 'x' }, { typ: 'JWT' })).status, 400);
  assert.equal((await logIn({}, {}, other)).status, 400);
});

test('the login page begins a login that returns to a path of the origin and to nothing else', async () => {
  const browser = people.gateway({ login: { landing: '/home' } }).browser();
  for (const [wanted, path] of [
    ['', '/home'],
    ['?return_to=%2Forders%3Fa%3D1', '/orders?a=1'],
    ['?return_to=/orders', '/orders'],
    ['?return_to=https%3A%2F%2Fevil.com%5C%40good.com', '/home'],
    ['?return_to=//evil.com', '/home'],
    ['?return_to=/%5Cevil.com', '/home'],
    ['?return_to=/.portcullis/people/logout', '/home'],
    ['?return_to=/a&return_to=/b', '/home'],
    ['?return_to=%ff', '/home'],
    ['?rd=/orders', '/home'],
  ]) {
    const begun = await browser.page(`/.portcullis/people/login${wanted}`);
    assert.equal(begun.status, 303);
    assert.equal(header(await browser.follow(header(begun, 'location') ?? ''), 'location'), `${publicUrl}${path}`);
  }
  const fetched = await browser.page('/.portcullis/people/login', { headers: { accept: '*/*' } });
  assert.equal(fetched.status, 400);
});

test('a provider that nobody knows yet is told of, and the login can go on once it is back', async () => {
  const gateway = people.gateway();
  const browser = gateway.browser();
  people.provider.misbehave('/.well-known/openid-configuration', { kind: 'status', status: 500 });
  assert.equal((await browser.page('/.portcullis/people/login')).status, 503);
  people.provider.release();
  people.time.advance(60_000);
  assert.equal((await browser.page('/.portcullis/people/login')).status, 303);
});

test('the pages say how they may be called', () => {
  const { endpoints } = people.gateway().authenticator;
  assert.deepEqual(
    [...endpoints].map(([path, { methods }]) => `${path} ${methods.join(' ')}`),
    ['people/login GET', 'people/callback GET', 'people/logout GET POST', 'people/backchannel-logout POST'],
  );
});
