import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { TestBrowser } from './browser.ts';

interface Place {
  readonly browser: TestBrowser;
  /** Where the admin pages are. */
  readonly url: string;
  readonly token: string;
}

interface Options {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  /** Another token than the good one; the page is then given as it is. */
  readonly token?: string;
}

/**
 * A person's dashboard, signed in and with decisions on it. What the browser complains of until the test ends fails the test: a
 * violation of the content policy, an error of the page's, a request of another host.
 */
export async function openDashboard(
  context: TestContext,
  { browser, url, token }: Place,
  options: Options = {},
): Promise<Page> {
  const { width = 1280, height = 860, colorScheme = 'light', reducedMotion = 'no-preference' } = options;
  const person = await browser.person();
  const page = await person.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A status of 401 is what somebody without a good token gets.
    if (['error', 'warning'].includes(message.type()) && options.token === undefined) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(`${url}/`)) complaints.push(request.url());
  });
  context.after(async () => {
    await person.close();
    assert.deepEqual(complaints, []);
  });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, reducedMotion });
  await page.goto(`${url}/`);
  await page.getByLabel('Admin token').fill(options.token ?? token);
  await page.keyboard.press('Enter');
  if (options.token !== undefined) return page;
  await page.locator('#tiles strong').first().waitFor();
  await page.locator('.plot canvas').nth(1).waitFor();
  return page;
}
