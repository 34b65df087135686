// Logins in a real browser, through the real Envoy with the shipped bootstrap, at the demo's identity provider. With
// UPDATE_SCREENSHOTS=1 the pictures of the docs are taken anew.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import { after, before, type TestContext, test } from 'node:test';
import { certify } from '../../src/demo/certificate.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { openDemoStage } from '../support/demo-stage.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { aPerson, ask, type LoginStage, logIn, loginJourneys } from '../support/login-journeys.ts';

// Short, so that tokens are renewed while the tests look on.
const tokenSeconds = 3;

let gateway: Gateway;
let browser: TestBrowser;
let stage: LoginStage;
before(async () => {
  // One after the other: what has started is stopped, also when the next one does not start.
  gateway = await startGateway({ idp: { tokenSeconds } });
  browser = await startBrowser();
  stage = await openDemoStage(gateway, browser);
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
});

for (const [name, walk] of Object.entries(loginJourneys)) test(name, (context) => walk(stage, context));

test('a page of another origin changes nothing in the name of who is logged in', async (context) => {
  const one = await aPerson(stage, context);
  await logIn(stage, one, 'alice');
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

test('a session whose tokens cannot be renewed ends', async (context) => {
  const one = await aPerson(stage, context);
  const page = await logIn(stage, one, 'carol');
  await gateway.idp.forget('carol');
  await waitFor({ what: 'the session has ended', holds: async () => (await ask(page, '/account')).status === 401 });
  await page.reload();
  assert.ok(stage.isAtLogin(page), page.url());
});
