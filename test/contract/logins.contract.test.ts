// The kind oidc against a certified provider, over real sockets: what Envoy would ask and route is answered by a small server.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createKeySets, identifySteps, openRevocations } from '../../src/authn/index.ts';
import { oidc } from '../../src/authn/oidc.ts';
import type { HeaderMap } from '../../src/core/attributes.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { HeaderMutation } from '../../src/core/decision.ts';
import { type Endpoint, endpointRoot } from '../../src/core/endpoint.ts';
import { silentLog, silentSignals } from '../../src/core/ports.ts';
import { reasons } from '../../src/core/reason.ts';
import { reject } from '../../src/core/verdict.ts';
import { startIdentityProvider } from '../../src/demo/identity-provider.ts';
import { openPlainBrowser } from '../../src/demo/plain-browser.ts';
import { acrValues } from '../../src/demo/provider/configuration.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';
import { browserClient } from '../../src/demo/token.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createOutbounds } from '../../src/outbound/registry.ts';
import { authnDeps, never, openTime } from '../support/authn.ts';
import { sessionKey } from '../support/login-gateway.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aRequest, aSubject } from '../support/requests.ts';

const id = 'browser';
const strong = { acrValues: [acrValues[1]], maxAgeSeconds: undefined };

function headersOf(request: IncomingMessage): HeaderMap {
  const { headersDistinct } = request;
  return new Map(Object.entries(headersDistinct).map(([name, values]) => [name, values ?? []]));
}

function send(response: ServerResponse, status: number, headers: readonly HeaderMutation[], body: string): void {
  for (const { name, value } of headers) response.appendHeader(name, value);
  response.writeHead(status).end(body);
}

type Steps = ReturnType<typeof identifySteps>;

/** Answers as Envoy would with such a rule: pages of ours, and who it is anywhere else; /strong demands a stronger login. */
async function answer(
  steps: Steps,
  pages: ReadonlyMap<string, Endpoint>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { pathname: path, search } = new URL(request.url ?? '', 'http://127.0.0.1');
  const { method = 'GET' } = request;
  const asked = { method, path, query: search.slice(1), host: '127.0.0.1', headers: headersOf(request) };
  const page = pages.get(path.slice(endpointRoot.length));
  if (page !== undefined) {
    const { status, headers, body } = await page.handle({ ...asked, body: Buffer.alloc(0) }, never);
    return send(response, status, headers, body);
  }
  const subject = { ...aSubject(), request: aRequest(asked) };
  const verdict = await steps.identify(subject, never);
  if (verdict.kind === 'pass') {
    const { principal, response: headers } = verdict.value;
    if (path !== '/strong' || principal.claims['acr'] === acrValues[1]) {
      return send(
        response,
        200,
        headers,
        JSON.stringify({
          id: principal.id,
          roles: [...principal.roles],
          claims: principal.claims,
          path,
          query: search,
        }),
      );
    }
    const sent = await steps.stepUp(
      { ...subject, principal },
      reject('step_up_required', {}, { stepUp: strong }),
      never,
    );
    return send(response, 302, [...sent.headers, { name: 'location', value: sent.redirect ?? '' }], '');
  }
  assert.ok(verdict.kind !== 'abstain');
  const location = verdict.kind === 'reject' ? verdict.redirect : undefined;
  const headers = verdict.kind === 'reject' ? verdict.headers : [];
  const status = location === undefined ? reasons[verdict.reason].status : 302;
  send(
    response,
    status,
    location === undefined ? headers : [...headers, { name: 'location', value: location }],
    verdict.reason,
  );
}

/** A gateway and a provider that know each other, and a browser. */
async function open(context: TestContext, session: Readonly<Record<string, unknown>>, tokenSeconds: number) {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async () => {};
  const server = await listenOnLoopback(0, (request, response) => void handle(request, response));
  context.after(() => server.close());
  const origin = `http://127.0.0.1:${server.port}`;
  const provider = await startIdentityProvider(0, { gateway: { origin, ca: '' }, tokenSeconds });
  context.after(() => provider.close());
  const outbounds = createOutbounds();
  const keySets = createKeySets({ clock: systemClock, signals: silentSignals, log: silentLog, outbounds });
  const plain = { ...authnDeps(openTime(), keySets), outbounds, clock: systemClock };
  const revocations = openRevocations(plain.state, systemClock);
  context.after(() => {
    keySets.close();
    revocations.close();
    return outbounds.close();
  });
  const recorded = recordIssues({ 'session.key': sessionKey() });
  const options = {
    issuer: provider.issuer,
    client: { id: browserClient, secret: provider.browserSecret },
    public_url: origin,
    session: { keys_files: ['session.key'], ...session },
  };
  const authenticator = oidc.build(id, options, recorded.context, { ...plain, revocations });
  assert.deepEqual(recorded.issues, []);
  const authenticators = new Map([[id, authenticator]]);
  const steps = identifySteps({
    selection: [id],
    optional: false,
    authenticators,
    revocations,
    context: recorded.context,
  });
  handle = (request, response) => answer(steps, authenticator.endpoints, request, response);
  return { origin, provider, browser: openPlainBrowser('') };
}

for (const store of ['cookie', 'shared']) {
  test(`${store}: login, renewal, a stronger login and logout at a certified provider`, async (context) => {
    // Tokens of one second: every request after it renews them.
    const { origin, browser } = await open(context, { store }, 1);
    const form = await browser.visit(`${origin}/orders?page=2`);
    assert.match(form.url.pathname, /^\/interaction\//);
    const page = await browser.submit(form, { account: 'alice' });
    const who = JSON.parse(page.body);
    assert.deepEqual([page.url.href, who.id, who.roles], [`${origin}/orders?page=2`, 'alice', ['editor']]);

    const renewed = async () => JSON.parse((await browser.visit(`${origin}/`)).body).claims.iat > who.claims.iat;
    await waitFor({ what: 'the tokens are renewed', holds: renewed });

    const stronger = await browser.visit(`${origin}/strong`);
    assert.match(stronger.url.pathname, /^\/interaction\//);
    const strongly = await browser.submit(stronger, { account: 'alice', digits: '123456' });
    assert.deepEqual([strongly.url.href, JSON.parse(strongly.body).claims.acr], [`${origin}/strong`, acrValues[1]]);

    const asks = await browser.visit(`${origin}/.portcullis/${id}/logout`);
    assert.match(asks.url.pathname, /^\/session\/end/);
    const out = await browser.submit(asks, { logout: 'yes' });
    assert.match(out.url.pathname, /^\/interaction\//, 'nobody is logged in, here and there');
  });

  test(`${store}: whoever breaks off is told, and whom the provider has forgotten logs in again`, async (context) => {
    const { origin, provider, browser } = await open(context, { store }, 1);
    await browser.submit(await browser.visit(`${origin}/`), { account: 'bob' });
    await provider.forget('bob');
    const sent = async () => (await browser.visit(`${origin}/`)).url.pathname.startsWith('/interaction/');
    await waitFor({ what: 'the session is over', holds: sent });
    const lost = await browser.visit(
      `${origin}/.portcullis/${id}/callback?error=access_denied&state=${'A'.repeat(43)}`,
    );
    assert.equal(lost.status, 400);
    assert.match(lost.body, /login_lost/);
  });
}
