// The dashboard in a real browser, over a quarter of an hour that was made up. With UPDATE_SCREENSHOTS=1 its picture in the docs is
// taken anew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { waitFor } from '../../src/envoy/condition.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { openDashboard } from '../support/dashboard-page.ts';
import { openDashboardStage } from '../support/dashboard-stage.ts';
import { pageFaults } from '../support/page-faults.ts';

let stage: Awaited<ReturnType<typeof openDashboardStage>>;
let browser: TestBrowser;
before(async () => {
  stage = await openDashboardStage();
  browser = await startBrowser();
});
after(async () => {
  await Promise.all([browser?.close(), stage?.close()]);
});

const open = (context: TestContext, options: Parameters<typeof openDashboard>[2] = {}) =>
  openDashboard(context, { browser, ...stage }, options);

test('the page keeps to its types', async () => {
  await promisify(execFile)(resolve('node_modules/.bin/tsc'), ['-p', 'dashboard']);
});

test('everything has its place, wide and narrow, light and dark, and can be read', async (context) => {
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [1440, 'dark'],
    [360, 'light'],
  ] as const) {
    const page = await open(context, { width, height: 860, colorScheme });
    if (width === 1280 && process.env['UPDATE_SCREENSHOTS'] === '1') {
      await page.screenshot({ path: 'docs/images/dashboard.png', animations: 'disabled' });
    }
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
    assert.deepEqual(await pageFaults(page), { faint: [], unlabelled: [] }, `${width} ${colorScheme}`);
    for (const text of [
      'token_expired',
      'users/alice',
      'per_address',
      '203.0.113.7/32',
      '3.1 times as many requests as usual',
      'spamhaus',
    ]) {
      assert.ok((await page.getByText(text).count()) > 0, text);
    }
    // Both plots are drawn, and in the colours of the theme.
    assert.equal(await page.locator('.plot canvas').count(), 2);
    // Where nobody points, the legend tells the latest.
    assert.match(await page.locator('#rates .u-legend').innerText(), /allowed[:\s]*[1-9]/);
  }
});

test('it can be walked by headings, landmarks and tables', async (context) => {
  const page = await open(context);
  const levels = await page
    .locator('main:not([hidden]) :is(h1, h2, h3), header h1')
    .evaluateAll((all) => all.map(({ tagName }) => tagName));
  assert.ok(levels.filter((level) => level === 'H2').length >= 9 && levels.includes('H1'));
  for (const name of ['Overview', 'Live decisions', 'Bans', 'Anomalies', 'Traffic', 'System']) {
    assert.ok((await page.getByRole('region', { name }).count()) >= 1, name);
  }
  assert.equal(await page.getByRole('main').count(), 1);
  assert.equal(await page.getByRole('banner').count(), 1);
  const tables = await page.locator('main table:not(.u-legend)').count();
  assert.equal(await page.locator('main table:not(.u-legend) > caption').count(), tables);
  assert.equal(await page.locator('main table:not(.u-legend) thead th:not([scope="col"])').count(), 0);
  // A plot says what it shows, and is there as a table too.
  assert.match(
    (await page.locator('#rates').getAttribute('aria-label')) ?? '',
    /busiest of the last 15 minutes had \d/,
  );
  await page.getByText('As a table').first().click();
  assert.ok((await page.locator('#rates-table tbody tr').count()) >= 14);
});

test('what people like less is moved less, and the theme is theirs', async (context) => {
  const page = await open(context, { reducedMotion: 'reduce', colorScheme: 'light' });
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('#stream tr')).animationName"), 'none');
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  const theme = page.getByRole('button', { name: /^Theme/ });
  await theme.click();
  assert.equal(await background(), light);
  await theme.click();
  assert.equal(await theme.innerText(), 'Theme: dark');
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  await page.locator('#stream tr').first().waitFor();
  assert.equal(await background(), dark);
});

test('a wrong token is said to be wrong, and none is kept', async (context) => {
  const page = await open(context, { token: 'a-wrong-token-of-nobody-0123456789012345' });
  await page.getByRole('alert').getByText('this is not the admin token').waitFor();
  assert.equal(await page.evaluate('sessionStorage.length + localStorage.length'), 0);
  assert.equal(await page.locator('#board').isVisible(), false);
});

test('a token that cannot be one is not sent, and why the address says no is said', async (context) => {
  const page = await open(context, { token: 'a-token-with-an-…-in-it-0123456789012345' });
  assert.equal(await page.evaluate("document.querySelector('#token').validity.patternMismatch"), true);
  assert.equal(await page.evaluate('sessionStorage.length'), 0);
  await page.route('**/live/stream?*', (route) =>
    route.fulfill({ status: 429, json: { code: 'too_many_streams', detail: 'too many look on already' } }),
  );
  await page.getByLabel('Admin token').fill(stage.token);
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('too many look on already, trying again').waitFor();
});

test('who has paused keeps what they look at when the connection is another one', async (context) => {
  const page = await open(context);
  const rows = () => page.locator('#stream tr').evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
  await page.getByRole('button', { name: 'Pause' }).click();
  const before = await rows();
  assert.ok(before.length > 0);
  const again = page.waitForResponse((answer) => answer.url().includes('/live/stream'));
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await again;
  await page.getByText(/paused, \d+ wait/).waitFor();
  assert.deepEqual(await rows(), before);
  // Something else that is asked for is shown, once.
  await page.getByLabel('Allowed').uncheck();
  await page.locator('#stream tr.allow').first().waitFor({ state: 'detached' });
  await page.locator('#stream tr.deny').first().waitFor();
});

test('a row that somebody stands on stays, however many come', async (context) => {
  const page = await open(context);
  const button = page.locator('#stream tr').last().getByRole('button');
  const name = await button.getAttribute('aria-label');
  await button.focus();
  await waitFor({ what: 'more come', holds: async () => (await page.locator('#stream tr').count()) > 200 });
  assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-label')"), name);
});

test('names of any length keep to their place', async (context) => {
  const page = await open(context, { width: 360 });
  await page.evaluate(
    "for (const one of document.querySelectorAll('section:not(#overview) :is(td, th, #health p)')) one.append('x'.repeat(300))",
  );
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360);
});
