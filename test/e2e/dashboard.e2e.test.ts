// The dashboard in a real browser, over what the real Envoy asks.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { openDashboard } from '../support/dashboard-page.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let browser: TestBrowser;
before(async () => {
  gateway = await startGateway();
  browser = await startBrowser();
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
});

const open = (context: TestContext) =>
  openDashboard(context, { browser, url: `http://127.0.0.1:${gateway.ports.admin}`, token: gateway.adminToken });

test('a denial arrives as it happens, and says why', async (context) => {
  const page = await open(context);
  await gateway.send({ path: '/orders/live-1' });
  const row = page.locator('#stream tr', { hasText: '/orders/live-1' });
  await row.waitFor();
  assert.match(await row.innerText(), /denied\s*401[\s\S]*orders-read[\s\S]*credential_missing/);
  await row.getByRole('button').click();
  const story = page.getByRole('dialog');
  await story.getByText('No accepted credential is present.').first().waitFor();
  const steps = await story.locator('tbody tr th').allInnerTexts();
  assert.ok(
    ['guard', 'match', 'limit', 'identify'].every((step) => steps.includes(step)),
    steps.join(),
  );
  const id = (await story.locator('.facts code').first().innerText()).trim();
  await page.keyboard.press('Escape');
  assert.equal(await story.count(), 0);
  // By its id it is found again.
  await page.getByLabel('Decision id').fill(id);
  await page.keyboard.press('Enter');
  await story.getByText(id).waitFor();
  await page.keyboard.press('Escape');
});

test('a filter holds on the side of the gateway, and a pause holds back', async (context) => {
  const page = await open(context);
  await page.getByLabel('Text').fill('filtered-');
  await page.getByLabel('Allowed').uncheck();
  // The filter is asked for once nobody types, by another stream.
  await page.waitForResponse((answer) => answer.url().includes('text=filtered-') && answer.url().includes('effect='));
  await gateway.send({ path: '/orders/other-1' });
  await gateway.send({ path: '/orders/filtered-1' });
  await page.locator('#stream tr', { hasText: '/orders/filtered-1' }).waitFor();
  assert.equal(await page.locator('#stream tr', { hasText: 'other-1' }).count(), 0);

  await page.getByRole('button', { name: 'Pause' }).click();
  await gateway.send({ path: '/orders/filtered-2' });
  await page.getByText('paused, 1 wait').waitFor();
  assert.equal(await page.locator('#stream tr', { hasText: 'filtered-2' }).count(), 0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('#stream tr', { hasText: 'filtered-2' }).waitFor();
});

test('what a caller sends is text, whatever it looks like', async (context) => {
  const page = await open(context);
  const headers = { 'user-agent': '<img src=x onerror=alert(1)><script>alert(2)</script>' };
  await gateway.send({ path: '/orders/%3Cimg%20src=x%20onerror=alert(1)%3E', headers });
  const row = page.locator('#stream tr', { hasText: 'onerror' }).first();
  await row.waitFor();
  await row.getByRole('button').click();
  await page.getByRole('dialog').getByText('<script>alert(2)</script>').waitFor();
  assert.equal(await page.locator('img, #stream script, dialog script').count(), 0);
});

test('who is banned by the button is refused until the ban is lifted, and audit knows who did it', async (context) => {
  const page = await open(context);
  const authorization = `Bearer ${await gateway.token('bob')}`;
  const asks = async () => (await gateway.send({ path: '/orders/1', headers: { authorization } })).status;
  assert.equal(await asks(), 200);
  const section = page.getByRole('region', { name: 'Bans' });
  const confirm = page.getByRole('dialog');
  await section.getByLabel('Whom').selectOption('principal');
  await section.getByLabel('Which').fill('users/bob');
  await section.getByLabel('Why').fill('a <b>test</b>');
  // Whoever does not mean it has done nothing.
  await section.getByRole('button', { name: 'Ban …' }).click();
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await asks(), 200);
  await section.getByRole('button', { name: 'Ban …' }).click();
  await confirm.getByRole('button', { name: 'Ban' }).click();
  await section.getByText('users/bob is banned.').waitFor();
  const row = section.getByRole('row', { name: /users\/bob/ });
  await row.getByText('a <b>test</b>').waitFor();
  await waitFor({ what: 'bob is refused', holds: async () => (await asks()) === 403 });
  await page.locator('#stream tr', { hasText: 'client_banned' }).first().waitFor();

  await row.getByRole('button', { name: 'Lift the ban of users/bob' }).click();
  await confirm.getByRole('button', { name: 'Lift' }).click();
  await section.getByText('The ban of users/bob is lifted.').waitFor();
  await waitFor({ what: 'bob is let in', holds: async () => (await asks()) === 200 });
  const acts = async () => JSON.stringify(await gateway.audit());
  for (const operation of ['POST /bans', 'DELETE /bans']) {
    await waitFor({ what: `audit has ${operation}`, holds: async () => (await acts()).includes(operation) });
  }
  // To look on is one event, however long.
  assert.ok(!(await acts()).includes(gateway.adminToken));
});

test('all of it can be done by the keyboard', async (context) => {
  const page = await open(context);
  await gateway.send({ path: '/orders/by-keyboard' });
  await page.locator('#stream tr', { hasText: 'by-keyboard' }).waitFor();
  const focused = () =>
    page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') ?? '') + ' ' + document.activeElement?.textContent",
    );
  // Who has just come in stands at the decisions.
  const seen: string[] = [];
  for (let tabs = 0; tabs < 30 && !(seen.at(-1) ?? '').startsWith('Explain the decision'); tabs += 1) {
    await page.keyboard.press('Tab');
    seen.push(await focused());
  }
  assert.match(seen.at(-1) ?? '', /^Explain the decision/);
  assert.ok(
    seen.some((name) => name.includes('Pause')),
    seen.join(', '),
  );
  const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
  assert.equal(outline, 'solid');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('/orders/').first().waitFor();
  await page.keyboard.press('Escape');
  await waitFor({ what: 'the focus is back', holds: async () => (await focused()).startsWith('Explain the decision') });
});

test('whoever signs out leaves nothing behind', async (context) => {
  const page = await open(context);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Admin token').waitFor();
  assert.equal(await page.evaluate('sessionStorage.length'), 0);
  assert.equal(await page.locator('#stream tr, #bans-list *, #clients *, #tiles *').count(), 0);
});
