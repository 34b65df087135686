import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Page } from 'playwright-core';
import { isBack, type LoginStage } from '../support/login-journeys.ts';
import type { Shop } from './shop.ts';
import { deviceSecret, realm, secret } from './shop-realm.ts';

/** Logins at Keycloak. */
export function shopStage({ gateway, browser, keycloak, issuer }: Shop): LoginStage {
  return {
    gateway,
    browser,
    isAtLogin: (page) => page.url().startsWith(issuer),
    enter: async (page, account) => {
      // Keycloak's pages look on: where one tab has logged in, the others go on by themselves.
      const cookies = await page.context().cookies(`${issuer}/`);
      if (!cookies.some(({ name }) => name === 'KEYCLOAK_IDENTITY')) {
        await page.locator('#username').fill(account);
        await enterPassword(page);
      }
      await isBack(gateway, page);
    },
    enterMore: async (page) => {
      await page.locator('#otp').fill(codeOf(Date.now()));
      await page.locator('#otp').press('Enter');
      await isBack(gateway, page);
    },
    // The ID token that comes along says whose logout it is.
    confirmLogout: async () => {},
    signOut: async (account) => {
      // Each by itself: of all sessions of somebody that end in one call, Keycloak tells about the first alone.
      const sessions = await keycloak.admin('GET', `/${realm}/users/${account}/sessions`);
      assert.ok(Array.isArray(sessions));
      for (const { id } of sessions) await keycloak.admin('DELETE', `/${realm}/sessions/${id}`);
    },
    strong: { account: 'carol', acr: 'code' },
  };
}

/** Answers the page that asks for the password alone. */
export async function enterPassword(page: Page): Promise<void> {
  await page.locator('#password').fill(secret);
  await page.locator('#password').press('Enter');
}

/** What carol's device shows (RFC 6238 with SHA-1, six digits, every 30 seconds). */
function codeOf(timeMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(timeMs / 30_000)));
  const mac = createHmac('sha1', deviceSecret).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
