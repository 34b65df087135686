// Logins in a real browser, through the real Envoy with the shipped bootstrap, at the demo's identity provider. With
// UPDATE_SCREENSHOTS=1 the pictures of the docs are taken anew.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import { after, before, type TestContext, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { certify } from '../../src/demo/certificate.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

// Short, so that tokens are renewed while the tests look on.
const tokenSeconds = 3;

let gateway: Gateway;
let browser: TestBrowser;
before(async () => {
  [gateway, browser] = await Promise.all([startGateway({ idp: { tokenSeconds } }), startBrowser()]);
  // The first login of all waits for the provider's metadata, and Envoy does not wait long.
  const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const begins = async () => (await gateway.send({ path: '/account', headers })).status === 302;
  await waitFor({ what: 'logins begin', holds: begins });
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
});

async function person(context: TestContext): Promise<BrowserContext> {
  const one = await browser.person();
  context.after(() => one.close());
  return one;
}

/** Follows the way of a login that a page has led to; it ends where the page was. */
async function pick(page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: account }).click();
  await page.waitForURL((url) => url.origin === gateway.url && !url.pathname.startsWith('/.portcullis/'));
}

async function logIn(one: BrowserContext, account: string, path = '/account'): Promise<Page> {
  const page = await one.newPage();
  await page.goto(`${gateway.url}${path}`);
  await pick(page, account);
  return page;
}

const shoot = async (page: Page, name: string): Promise<void> => {
  if (process.env['UPDATE_SCREENSHOTS'] === '1') await page.screenshot({ path: `docs/images/${name}.png` });
};

/** What a script of the page at hand gets for a request of its own. */
const ask = (page: Page, path: string, method = 'GET') =>
  page.evaluate(
    async ([target = '', verb = '']) => {
      const body = verb === 'POST' ? { body: '{"item": "sofa", "quantity": 1}' } : {};
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(target, { method: verb, ...(verb === 'POST' && { headers }), ...body });
      const { status, redirected } = answer;
      return { status, redirected, challenge: answer.headers.get('www-authenticate'), text: await answer.text() };
    },
    [path, method],
  );

const sessionCookies = async (one: BrowserContext) =>
  (await one.cookies(gateway.url)).filter(({ name }) => name.startsWith('__Host-portcullis-browser'));
const isAtLogin = (page: Page): boolean => page.url().startsWith(`${gateway.idp.issuer}/interaction/`);

test('whoever is nobody is sent to log in, and comes back to the page that was asked for', async (context) => {
  const one = await person(context);
  const page = await one.newPage();
  await page.goto(`${gateway.url}/account?from=mail&n=1`);
  assert.ok(isAtLogin(page), page.url());
  await shoot(page, 'login');
  await pick(page, 'alice');
  assert.equal(page.url(), `${gateway.url}/account?from=mail&n=1`);
  assert.match(await page.locator('dl').innerText(), /alice[\s\S]*browser[\s\S]*password/);
  await shoot(page, 'account');
  const cookies = await sessionCookies(one);
  assert.equal(cookies.length, 1, 'the cookie of the login is gone');
  const { secure, httpOnly, sameSite, path, domain } = cookies[0] ?? {};
  assert.deepEqual(
    { secure, httpOnly, sameSite, path, domain },
    { secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' },
  );
  assert.equal(await page.evaluate('document.cookie'), '');
});

test('several tabs log in at once, each comes back to its own page', async (context) => {
  const one = await person(context);
  const tabs = await Promise.all([1, 2, 3].map(() => one.newPage()));
  await Promise.all(tabs.map((tab, index) => tab.goto(`${gateway.url}/account?tab=${index}`)));
  for (const tab of tabs) assert.ok(isAtLogin(tab), tab.url());
  for (const [index, tab] of tabs.entries()) {
    await pick(tab, 'bob');
    assert.equal(tab.url(), `${gateway.url}/account?tab=${index}`);
  }
  await Promise.all(tabs.map((tab) => tab.reload()));
  for (const tab of tabs) assert.match(await tab.locator('dl').innerText(), /bob/);
  assert.equal((await sessionCookies(one)).length, 1);
});

test('a script without a session gets 401 with a challenge, never a login page; with one it may what its user may', async (context) => {
  const one = await person(context);
  const page = await one.newPage();
  await page.goto(`${gateway.url}/`);
  const refused = await ask(page, '/orders');
  assert.deepEqual({ status: refused.status, redirected: refused.redirected }, { status: 401, redirected: false });
  assert.ok(refused.challenge);
  assert.equal(JSON.parse(refused.text).reason, 'unauthenticated');
  const alice = await logIn(one, 'alice');
  assert.equal((await ask(alice, '/orders')).status, 200);
  assert.equal((await ask(alice, '/orders', 'POST')).status, 201);
});

test('a page of another origin changes nothing in the name of who is logged in', async (context) => {
  const one = await person(context);
  await logIn(one, 'alice');
  const orders = async () => (await (await fetch(`http://127.0.0.1:${gateway.ports.api1}/orders`)).text()).length;
  const before = await orders();
  const evil = await startOtherOrigin(
    context,
    `<form method="post" enctype="text/plain" action="${gateway.url}/orders">
    <input name='{"item": "sofa", "quantity": 1, "note": "' value='"}'><button>Win</button></form>`,
  );
  const page = await one.newPage();
  await page.goto(evil);
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === 'POST'),
    page.getByRole('button').click(),
  ]);
  // Ports are no part of a site: the browser does send the cookie along.
  assert.match((await request.allHeaders())['cookie'] ?? '', /__Host-portcullis-browser/);
  assert.equal((await request.response())?.status(), 403);
  assert.equal(await orders(), before);
  const codes = async () => (await gateway.audit()).map(({ unmapped }) => unmapped.portcullis['reason']);
  await waitFor({ what: 'audit knows why', holds: async () => (await codes()).includes('origin_mismatch') });
});

/** A page that stands on another port of the same host, over TLS too. */
async function startOtherOrigin(context: TestContext, html: string): Promise<string> {
  const issuer = await certify({ name: 'another authority', days: 1 });
  const { certificate, key } = await certify({ name: 'localhost', days: 1, issuer, names: ['localhost'] });
  const server: Server = createServer({ cert: certificate, key }, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `https://localhost:${typeof address === 'object' ? address?.port : 0}/`;
}

test('tokens are renewed while people go on, in all tabs at once', async (context) => {
  const one = await person(context);
  const first = await logIn(one, 'bob');
  const tabs = [first, await one.newPage(), await one.newPage()];
  for (const tab of tabs.slice(1)) await tab.goto(`${gateway.url}/account`);
  const cookie = async () => (await sessionCookies(one))[0]?.value;
  const before = await cookie();
  const renewed = async (): Promise<boolean> => {
    const answers = await Promise.all(tabs.map((tab) => ask(tab, '/account')));
    for (const { status } of answers) assert.equal(status, 200);
    return (await cookie()) !== before;
  };
  await waitFor({ what: 'the tokens are renewed', holds: renewed });
  // The refresh token that was used is good no more: the next renewal proves that the new one was kept.
  const second = await cookie();
  await waitFor({
    what: 'they are renewed again',
    holds: async () => (await renewed()) && (await cookie()) !== second,
  });
});

test('a session whose tokens cannot be renewed ends', async (context) => {
  const one = await person(context);
  const page = await logIn(one, 'carol');
  await gateway.idp.forget('carol');
  await waitFor({ what: 'the session has ended', holds: async () => (await ask(page, '/account')).status === 401 });
  await page.reload();
  assert.ok(isAtLogin(page), page.url());
});

test('a logout ends the session here and at the provider', async (context) => {
  const one = await person(context);
  const page = await logIn(one, 'alice');
  const kept = await one.cookies(gateway.url);
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.origin === gateway.idp.issuer);
  await shoot(page, 'logout');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${gateway.url}/`);
  await shoot(page, 'signed-out');
  assert.deepEqual(await sessionCookies(one), []);
  assert.equal((await ask(page, '/orders')).status, 401);
  // Whoever has kept a copy of the cookie has nothing.
  await one.addCookies(kept);
  assert.equal((await ask(page, '/orders')).status, 401);
  await one.clearCookies({ name: /^__Host-/ });
  await page.goto(`${gateway.url}/account`);
  assert.ok(isAtLogin(page), page.url());
});

test('when the provider ends the sessions of somebody, all of them end at once', async (context) => {
  const [desk, phone, other] = await Promise.all([person(context), person(context), person(context)]);
  const pages = await Promise.all([logIn(desk, 'alice'), logIn(phone, 'alice')]);
  const bob = await logIn(other, 'bob');
  await gateway.idp.signOut('alice');
  for (const page of pages) assert.equal((await ask(page, '/orders')).status, 401);
  assert.equal((await ask(bob, '/orders')).status, 200);
  await pages[0].reload();
  assert.ok(isAtLogin(pages[0]), pages[0].url());
});

test('a page that demands more sends people to log in again, and no script', async (context) => {
  const one = await person(context);
  const page = await logIn(one, 'bob');
  const refused = await ask(page, '/account/security');
  assert.equal(refused.status, 401);
  assert.match(
    refused.challenge ?? '',
    /insufficient_user_authentication.*acr_values="urn:portcullis:demo:two-factor"/,
  );
  await page.getByRole('link', { name: 'Security settings' }).click();
  await page.waitForURL((url) => url.origin === gateway.idp.issuer);
  await shoot(page, 'step-up');
  await page.getByLabel('Six digits').fill('123456');
  await pick(page, 'Continue as bob');
  assert.equal(page.url(), `${gateway.url}/account/security`);
  assert.match(await page.locator('dl').innerText(), /two-factor/);
});
