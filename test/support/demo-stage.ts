import type { Page } from 'playwright-core';
import { isAccount } from '../../src/demo/provider/accounts.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import type { TestBrowser } from './browser.ts';
import type { Gateway } from './gateway.ts';
import { isBack, type LoginStage } from './login-journeys.ts';

async function pick({ url }: Gateway, page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: account }).click();
  await isBack({ url }, page);
}

/** Logins at the demo's provider. Resolves when they begin: the first one waits for its metadata, and Envoy does not wait long. */
export async function openDemoStage(gateway: Gateway, browser: TestBrowser): Promise<LoginStage> {
  const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const begins = async () => (await gateway.send({ path: '/account', headers })).status === 302;
  await waitFor({ what: 'logins begin', holds: begins });
  const shoot: LoginStage['shoot'] = async (page, name) => {
    if (process.env['UPDATE_SCREENSHOTS'] === '1') await page.screenshot({ path: `docs/images/${name}.png` });
  };
  return {
    gateway,
    browser,
    isAtLogin: (page) => page.url().startsWith(`${gateway.idp.issuer}/interaction/`),
    enter: (page, account) => pick(gateway, page, account),
    enterMore: async (page) => {
      await page.getByLabel('Six digits').fill('123456');
      await pick(gateway, page, 'Continue as bob');
    },
    confirmLogout: async (page) => {
      await page.waitForURL((url) => url.origin === gateway.idp.issuer);
      await shoot(page, 'logout');
      await page.getByRole('button', { name: 'Sign out' }).click();
    },
    signOut: async (account) => {
      if (isAccount(account)) await gateway.idp.signOut(account);
    },
    strong: { account: 'bob', acr: 'urn:portcullis:demo:two-factor' },
    shoot,
  };
}
