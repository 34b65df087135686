import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { BrowserContext, Cookie, Page } from 'playwright-core';
import { waitFor } from '../../src/envoy/condition.ts';
import type { TestBrowser } from './browser.ts';
import type { Gateway } from './gateway.ts';

/** Where people log in: a gateway with the demo's rules for /, /account, /account/security and /orders, and what is its provider's own. */
export interface LoginStage {
  readonly gateway: Gateway;
  readonly browser: TestBrowser;
  /** Whether a page is the provider's, and asks who somebody is. */
  isAtLogin(page: Page): boolean;
  /** Answers that page, and comes back to the gateway. */
  enter(page: Page, account: string): Promise<void>;
  /** Answers the page that asks for more than a password, and comes back. */
  enterMore(page: Page): Promise<void>;
  /** Answers whatever the provider asks before a logout. */
  confirmLogout(page: Page): Promise<void>;
  /** Ends all sessions of an account at the provider, which tells the gateway. */
  signOut(account: string): Promise<void>;
  /** Who can answer when more than a password is asked for, and what acr says then. */
  readonly strong: { readonly account: string; readonly acr: string };
  /** Takes a picture for the docs. */
  shoot?(page: Page, name: string): Promise<void>;
}

/** A person with a browser of their own, until the test ends. */
export async function aPerson({ browser }: LoginStage, context: TestContext): Promise<BrowserContext> {
  const one = await browser.person();
  context.after(() => one.close());
  return one;
}

/** Asks for a page, logs in on the way, and gives the page. */
export async function logIn(stage: LoginStage, one: BrowserContext, account: string, path = '/account'): Promise<Page> {
  const page = await one.newPage();
  await page.goto(`${stage.gateway.url}${path}`);
  await stage.enter(page, account);
  return page;
}

/** Waits until a login has led back to a page of the application. */
export const isBack = ({ url: origin }: Pick<Gateway, 'url'>, page: Page): Promise<void> =>
  page.waitForURL((url) => url.origin === origin && !url.pathname.startsWith('/.portcullis/'));

/** What a script of the page at hand gets for a request of its own. */
export const ask = (page: Page, path: string, method = 'GET') =>
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

/** The cookies of a browser's session. */
export const sessionCookies = async ({ gateway }: LoginStage, one: BrowserContext): Promise<readonly Cookie[]> =>
  (await one.cookies(gateway.url)).filter(({ name }) => name.startsWith('__Host-portcullis-browser'));

type Journey = (stage: LoginStage, context: TestContext) => Promise<void>;

/** What people meet who log in at a gateway, whoever its provider is. Alice may write orders, bob may read them. */
export const loginJourneys: Readonly<Record<string, Journey>> = {
  'whoever is nobody is sent to log in, and comes back to the page that was asked for': async (stage, context) => {
    const { gateway } = stage;
    const one = await aPerson(stage, context);
    const page = await one.newPage();
    await page.goto(`${gateway.url}/account?from=mail&n=1`);
    assert.ok(stage.isAtLogin(page), page.url());
    await stage.shoot?.(page, 'login');
    await stage.enter(page, 'alice');
    assert.equal(page.url(), `${gateway.url}/account?from=mail&n=1`);
    assert.match(await page.locator('dl').innerText(), /alice[\s\S]*browser[\s\S]*password/);
    await stage.shoot?.(page, 'account');
    const cookies = await sessionCookies(stage, one);
    assert.equal(cookies.length, 1, 'the cookie of the login is gone');
    const { secure, httpOnly, sameSite, path, domain } = cookies[0] ?? {};
    assert.deepEqual(
      { secure, httpOnly, sameSite, path, domain },
      { secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' },
    );
    assert.equal(await page.evaluate('document.cookie'), '');
  },

  'several tabs log in at once, each comes back to its own page': async (stage, context) => {
    const { gateway } = stage;
    const one = await aPerson(stage, context);
    const tabs = await Promise.all([1, 2, 3].map(() => one.newPage()));
    // In turn: a provider whose first cookies race may lose a tab, which is no matter of ours.
    for (const [index, tab] of tabs.entries()) await tab.goto(`${gateway.url}/account?tab=${index}`);
    for (const tab of tabs) assert.ok(stage.isAtLogin(tab), tab.url());
    for (const [index, tab] of tabs.entries()) {
      await tab.bringToFront();
      await stage.enter(tab, 'bob');
      assert.equal(tab.url(), `${gateway.url}/account?tab=${index}`);
    }
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) assert.match(await tab.locator('dl').innerText(), /bob/);
    assert.equal((await sessionCookies(stage, one)).length, 1);
  },

  'a script without a session gets 401 with a challenge, never a login page; with one it may what its user may': async (
    stage,
    context,
  ) => {
    const one = await aPerson(stage, context);
    const page = await one.newPage();
    await page.goto(`${stage.gateway.url}/`);
    const refused = await ask(page, '/orders');
    assert.deepEqual({ status: refused.status, redirected: refused.redirected }, { status: 401, redirected: false });
    assert.ok(refused.challenge);
    assert.equal(JSON.parse(refused.text).reason, 'unauthenticated');
    const alice = await logIn(stage, one, 'alice');
    assert.equal((await ask(alice, '/orders')).status, 200);
    assert.equal((await ask(alice, '/orders', 'POST')).status, 201);
    const bob = await logIn(stage, await aPerson(stage, context), 'bob');
    assert.equal((await ask(bob, '/orders')).status, 200);
    assert.equal((await ask(bob, '/orders', 'POST')).status, 403);
  },

  'tokens are renewed while people go on, in all tabs at once': async (stage, context) => {
    const one = await aPerson(stage, context);
    const first = await logIn(stage, one, 'bob');
    const tabs = [first, await one.newPage(), await one.newPage()];
    for (const tab of tabs.slice(1)) await tab.goto(`${stage.gateway.url}/account`);
    const cookie = async () => (await sessionCookies(stage, one))[0]?.value;
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
  },

  'a logout ends the session here and at the provider': async (stage, context) => {
    const { gateway } = stage;
    const one = await aPerson(stage, context);
    const page = await logIn(stage, one, 'alice');
    const kept = await one.cookies(gateway.url);
    await page.getByRole('link', { name: 'Sign out' }).click();
    await stage.confirmLogout(page);
    await page.waitForURL(`${gateway.url}/`);
    await stage.shoot?.(page, 'signed-out');
    assert.deepEqual(await sessionCookies(stage, one), []);
    assert.equal((await ask(page, '/orders')).status, 401);
    // Whoever has kept a copy of the cookie has nothing.
    await one.addCookies(kept);
    assert.equal((await ask(page, '/orders')).status, 401);
    await one.clearCookies({ name: /^__Host-/ });
    await page.goto(`${gateway.url}/account`);
    assert.ok(stage.isAtLogin(page), page.url());
  },

  'when the provider ends the sessions of somebody, all of them end at once': async (stage, context) => {
    const [desk, phone, other] = await Promise.all([1, 2, 3].map(() => aPerson(stage, context)));
    assert.ok(desk && phone && other);
    const pages = await Promise.all([logIn(stage, desk, 'alice'), logIn(stage, phone, 'alice')]);
    const bob = await logIn(stage, other, 'bob');
    await stage.signOut('alice');
    for (const page of pages) assert.equal((await ask(page, '/orders')).status, 401);
    assert.equal((await ask(bob, '/orders')).status, 200);
    await pages[0].reload();
    assert.ok(stage.isAtLogin(pages[0]), pages[0].url());
  },

  'a page that demands more sends people to log in again, and no script': async (stage, context) => {
    const { gateway, strong } = stage;
    const one = await aPerson(stage, context);
    const page = await logIn(stage, one, strong.account);
    const refused = await ask(page, '/account/security');
    assert.equal(refused.status, 401);
    assert.ok(refused.challenge?.includes(`acr_values="${strong.acr}"`), refused.challenge ?? '');
    assert.match(refused.challenge ?? '', /insufficient_user_authentication/);
    await page.getByRole('link', { name: 'Security settings' }).click();
    await page.waitForURL((url) => url.origin !== gateway.url);
    await stage.shoot?.(page, 'step-up');
    await stage.enterMore(page);
    assert.equal(page.url(), `${gateway.url}/account/security`);
    assert.ok((await page.locator('dl').innerText()).includes(strong.acr.replace(/^.*:/, '')));
  },
};
