import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type IdentityProvider, startIdentityProvider } from '../identity-provider.ts';
import { browserClient } from '../token.ts';
import { acrValues } from './configuration.ts';

const origin = 'https://localhost:8443';
const redirectUri = `${origin}/.portcullis/browser/callback`;
let idp: IdentityProvider;
before(async () => {
  idp = await startIdentityProvider(0, { gateway: { origin, ca: '' } });
});
after(() => idp?.close());

/** A browser without scripts: it keeps cookies and follows nothing by itself. */
function openBrowser() {
  const cookies = new Map<string, string>();
  return async (url: string, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const answer = await fetch(new URL(url, idp.issuer), {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
}
type Browser = ReturnType<typeof openBrowser>;

const locationOf = (answer: Response): string => {
  assert.equal(answer.status, 303);
  return answer.headers.get('location') ?? '';
};

const verifier = randomBytes(32).toString('base64url');
const request = (more: Readonly<Record<string, string>> = {}): string => {
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const parameters = {
    client_id: browserClient,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  return `/auth?${new URLSearchParams(parameters)}`;
};

/** Goes on from the form of a login to the code. */
async function submit(browser: Browser, form: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const resumed = locationOf(await browser(form, fields));
  const url = new URL(locationOf(await browser(resumed)));
  assert.equal(url.origin + url.pathname, redirectUri);
  return url.searchParams.get('code') ?? '';
}

async function exchange(fields: Readonly<Record<string, string>>, secret = idp.browserSecret): Promise<Response> {
  return fetch(`${idp.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${browserClient}:${secret}`).toString('base64')}` },
    body: new URLSearchParams(fields),
  });
}

const read = async (answer: Response) => JSON.parse(await answer.text());
const redeem = async (code: string) => {
  const answer = await exchange({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  assert.equal(answer.status, 200);
  return read(answer);
};
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('a login by a name gives an ID token with the roles, and tokens that can be renewed once each', async () => {
  const browser = openBrowser();
  const form = locationOf(await browser(request({ nonce: 'n1' })));
  const page = await browser(form);
  assert.match(await page.text(), /name="account" value="alice"/);
  const tokens = await redeem(await submit(browser, form, { account: 'alice' }));
  const claims = claimsOf(tokens.id_token);
  const { iss, aud, sub, roles, nonce, acr, amr } = claims;
  assert.deepEqual(
    { iss, aud, sub, roles, nonce, acr, amr },
    {
      iss: idp.issuer,
      aud: browserClient,
      sub: 'alice',
      roles: ['editor'],
      nonce: 'n1',
      acr: acrValues[0],
      amr: ['pwd'],
    },
  );
  assert.ok(claims.sid && claims.auth_time);
  assert.equal(tokens.expires_in, 300);
  const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
  const renewed = await read(await exchange(renewal));
  assert.notEqual(renewed.refresh_token, tokens.refresh_token);
  assert.equal((await read(await exchange(renewal))).error, 'invalid_grant');
});

test('who is logged in is asked no more, unless a stronger login is demanded', async () => {
  const browser = openBrowser();
  await submit(browser, locationOf(await browser(request())), { account: 'carol' });
  const again = locationOf(await browser(request()));
  assert.ok(again.startsWith(`${redirectUri}?code=`));
  const form = locationOf(await browser(request({ acr_values: acrValues[1] })));
  const page = await (await browser(form)).text();
  assert.match(page, /six digits/i);
  assert.match(page, /Continue as carol/);
  assert.equal((await browser(form, { account: 'carol', digits: '12' })).status, 422);
  const { id_token } = await redeem(await submit(browser, form, { account: 'carol', digits: '123456' }));
  assert.deepEqual(claimsOf(id_token).amr, ['pwd', 'otp']);
  assert.equal(claimsOf(id_token).acr, acrValues[1]);
});

test('another name is welcome, without a role; what is no name is not', async () => {
  const browser = openBrowser();
  const form = locationOf(await browser(request()));
  const refused = await browser(form, { account: '<script>' });
  assert.equal(refused.status, 422);
  assert.ok(!(await refused.text()).includes('<script>'));
  const { id_token } = await redeem(await submit(browser, form, { account: 'dora' }));
  assert.deepEqual(claimsOf(id_token).roles, []);
});

test('a login of another browser, or one that is over, is refused', async () => {
  const form = locationOf(await openBrowser()(request()));
  const answer = await openBrowser()(form, { account: 'alice' });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /begin again/);
});

test('without PKCE, to another address or with another secret there is nothing', async () => {
  const browser = openBrowser();
  const plain = new URL(locationOf(await browser(request({ code_challenge: '', code_challenge_method: '' }))));
  assert.equal(plain.searchParams.get('error'), 'invalid_request');
  const elsewhere = await browser(request({ redirect_uri: 'https://evil.example/' }));
  assert.equal(elsewhere.status, 400);
  assert.match(await elsewhere.text(), /invalid_redirect_uri/);
  const fields = { grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, code_verifier: verifier };
  assert.equal((await exchange(fields, 'guess')).status, 401);
});

test('a logout asks, ends the session, and leads back', async () => {
  const browser = openBrowser();
  const { id_token } = await redeem(await submit(browser, locationOf(await browser(request())), { account: 'bob' }));
  const back = `${origin}/`;
  const asked = await browser(
    `/session/end?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: back, state: 's' })}`,
  );
  const page = await asked.text();
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const done = await browser('/session/end/confirm', { xsrf, logout: 'yes' });
  assert.equal(locationOf(done), `${back}?state=s`);
  assert.match(locationOf(await browser(request())), /\/interaction\//);
});
