import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../test/support/authn.ts';
import type { LoginGateway } from '../../../test/support/login-gateway.ts';
import { openPeople } from '../../../test/support/people.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aRequest, aSubject } from '../../../test/support/requests.ts';
import type { Identified } from '../../core/identified.ts';
import type { StateStore } from '../../core/state.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import type { Verdict } from '../../core/verdict.ts';
import { waitFor } from '../../envoy/condition.ts';
import { createMemoryState } from '../../store/index.ts';
import { identifySteps } from '../identify.ts';

const people = await openPeople();

const fetched = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' };
const ask = { headers: fetched };
const principalIn = (verdict: Verdict<Identified>) => {
  assert.ok(verdict.kind === 'pass', JSON.stringify(verdict));
  return verdict.value.principal;
};
const reasonOf = (verdict: Verdict<Identified>): string => ('reason' in verdict ? verdict.reason : verdict.kind);
const renewals = (): number => people.provider.asked.filter((path) => path === 'POST /token').length;
/** How often the provider was asked for tokens while this ran. */
async function countRenewals(run: () => Promise<unknown>): Promise<number> {
  const start = renewals();
  await run();
  return renewals() - start;
}

for (const store of ['cookie', 'shared']) {
  test(`${store}: tokens are renewed before they end, once for all who ask at that time`, async () => {
    const gateway = people.gateway(people.session({ store }));
    const browser = gateway.browser();
    await browser.logIn();
    const first = principalIn(await browser.ask('/', ask));
    people.time.advance(239_000);
    assert.equal(await countRenewals(() => browser.ask('/', ask)), 0);
    people.time.advance(2000);
    people.provider.say({ idToken: { roles: ['editor'] } });
    const tabs = Array.from({ length: 20 }, () => gateway.browser(browser.jar.copy()));
    const count = await countRenewals(async () => {
      const verdicts = await Promise.all(tabs.map((tab) => tab.ask('/', ask)));
      for (const verdict of verdicts) {
        const { roles, credentialId, sessionId, issuedMs } = principalIn(verdict);
        assert.deepEqual([...roles], ['editor']);
        assert.deepEqual([credentialId, sessionId, issuedMs], [first.credentialId, first.sessionId, first.issuedMs]);
      }
    });
    assert.equal(count, 1);
    // Every tab has the same cookie now, and the old one is good for a while.
    assert.equal(new Set(tabs.map(({ jar }) => jar.header())).size, 1);
    assert.equal(tabs[0]?.jar.header() === browser.jar.header(), store === 'shared');
    assert.equal(await countRenewals(async () => principalIn(await browser.ask('/', ask))), 0);
    assert.equal(browser.jar.header(), tabs[0]?.jar.header());
    people.time.advance(200_000);
    assert.equal(await countRenewals(async () => principalIn(await browser.ask('/', ask))), 0);
  });

  test(`${store}: replicas that share the state renew a session once, and hand it over`, async () => {
    const state = createMemoryState(people.time.clock);
    const fleet = Array.from({ length: 3 }, () => people.gateway(people.session({ store }), { state }));
    const browser = fleet[0]?.browser();
    assert.ok(browser !== undefined);
    await browser.logIn();
    people.time.advance(250_000);
    const count = await countRenewals(async () => {
      const tabs = fleet.flatMap((replica) => [
        replica.browser(browser.jar.copy()),
        replica.browser(browser.jar.copy()),
      ]);
      for (const verdict of await Promise.all(tabs.map((tab) => tab.ask('/', ask)))) principalIn(verdict);
      assert.equal(new Set(tabs.map(({ jar }) => jar.header())).size, 1);
      // Tabs that come later with the old cookie.
      for (const replica of fleet) principalIn(await replica.browser(browser.jar.copy()).ask('/', ask));
    });
    assert.equal(count, 1);
  });

  test(`${store}: a session that the provider has ended is over, in all tabs`, async () => {
    const gateway = people.gateway(people.session({ store }));
    const browser = gateway.browser();
    await browser.logIn();
    people.time.advance(250_000);
    people.provider.misbehave('/token', { kind: 'status', status: 400, body: '{"error":"invalid_grant"}' });
    const count = await countRenewals(async () => {
      const tabs = Array.from({ length: 5 }, () => gateway.browser(browser.jar.copy()));
      for (const tab of tabs) assert.equal(reasonOf(await tab.ask('/', ask)), 'session_expired');
    });
    assert.equal(count, 1);
  });

  test(`${store}: while the provider is away a session goes on until its tokens end, and is renewed when it is back`, async () => {
    const gateway = people.gateway(people.session({ store }));
    const browser = gateway.browser();
    await browser.logIn();
    people.time.advance(250_000);
    people.provider.misbehave('/token', { kind: 'status', status: 500 });
    const count = await countRenewals(async () => {
      for (let times = 0; times < 50; times += 1) principalIn(await browser.ask('/', ask));
    });
    assert.equal(count, 1);
    people.time.advance(49_000);
    principalIn(await browser.ask('/', ask));
    people.time.advance(1000);
    assert.equal(reasonOf(await browser.ask('/', ask)), 'provider_unavailable');
    people.provider.release();
    people.time.advance(30_000);
    principalIn(await browser.ask('/', ask));
  });
}

test('a renewal is passed on by whoever comes next, when nobody could wait for it', async () => {
  const gateway = people.gateway({ timeout: '10s' });
  const browser = gateway.browser();
  await browser.logIn();
  people.time.advance(250_000);
  people.provider.misbehave('/token', { kind: 'hang' });
  const issued = async () => principalIn(await browser.ask('/', ask)).claims['iat'];
  const before = await issued();
  const count = await countRenewals(async () => {
    people.provider.release();
    const holds = async (): Promise<boolean> => (await issued()) !== before;
    await waitFor({ what: 'the renewed session is here', holds });
  });
  assert.equal(count, 0);
});

for (const awayMs of [71_000, 20 * 60_000]) {
  test(`a renewal whose answer never reached the browser is there ${awayMs / 1000} seconds later`, async () => {
    const gateway = people.gateway();
    const browser = gateway.browser();
    await browser.logIn();
    const before = browser.jar.header();
    people.time.advance(250_000);
    const answered = gateway.browser(browser.jar.copy());
    principalIn(await answered.ask('/', ask));
    assert.notEqual(answered.jar.header(), before);
    people.time.advance(awayMs);
    principalIn(await browser.ask('/', ask));
    assert.notEqual(browser.jar.header(), before);
    principalIn(await browser.ask('/', ask));
  });
}

for (const store of ['cookie', 'shared']) {
  test(`${store}: what fails after the grant costs nobody the new refresh token`, async () => {
    const gateway = people.gateway({ claims_from: 'userinfo', ...people.session({ store }) });
    const browser = gateway.browser();
    await browser.logIn();
    const first = principalIn(await browser.ask('/', ask));
    people.time.advance(250_000);
    people.provider.misbehave('/userinfo', { kind: 'status', status: 500 });
    const count = await countRenewals(async () => {
      for (let times = 0; times < 20; times += 1) {
        assert.deepEqual(principalIn(await browser.ask('/', ask)).claims, first.claims);
      }
    });
    assert.equal(count, 1);
    // The old facts are good for as long as they were, and no longer.
    people.time.advance(50_000);
    const copy = gateway.browser(browser.jar.copy());
    const verdict = await copy.ask('/', ask);
    assert.equal(reasonOf(verdict), 'provider_unavailable');
    people.provider.release();
    people.time.advance(30_000);
    principalIn(await browser.ask('/', ask));
    principalIn(await browser.ask('/', ask));
  });
}

test('a renewal without answer for the caller brings the new cookie along', async () => {
  const gateway = people.gateway({ claims_from: 'userinfo' });
  const browser = gateway.browser();
  await browser.logIn();
  people.time.advance(300_000);
  people.provider.misbehave('/userinfo', { kind: 'status', status: 500 });
  const verdict = await browser.ask('/', ask);
  assert.ok(verdict.kind === 'fail' && verdict.reason === 'provider_unavailable');
  assert.match(verdict.headers?.[0]?.value ?? '', /^__Host-portcullis-people=1\./);
});

for (const store of ['cookie', 'shared']) {
  test(`${store}: a rule in shadow mode spends nobody’s refresh token, before the tokens end and afterwards`, async () => {
    const gateway = people.gateway(people.session({ store }));
    const browser = gateway.browser();
    await browser.logIn();
    const { identify } = identifySteps({
      selection: ['people'],
      optional: false,
      mode: 'shadow',
      authenticators: new Map([['people', gateway.authenticator]]),
      revocations: gateway.deps.revocations,
      context: recordIssues({}).context,
    });
    for (const laterMs of [250_000, 1_000_000]) {
      people.time.advance(laterMs);
      const headers = { cookie: browser.jar.header() ?? '', ...fetched };
      const subject = { ...aSubject(), request: aRequest({ host: 'app.example.com', headers }) };
      const count = await countRenewals(async () => {
        const verdict = await identify(subject, never);
        assert.equal(principalIn(verdict).id, 'alice');
        assert.ok(verdict.kind === 'pass' && verdict.value.response.length === 0);
      });
      assert.equal(count, 0);
    }
    assert.equal(await countRenewals(async () => principalIn(await browser.ask('/', ask))), 1);
  });
}

type Lie = Parameters<typeof people.provider.say>[0];
const lies: Readonly<Record<string, Lie>> = {
  'another person': { idToken: { sub: 'mallory' } },
  'another issuer': { idToken: { iss: 'https://evil.example' } },
  'another nonce': { idToken: { nonce: 'another' } },
  'another audience': { idToken: { aud: 'other' } },
  'another at_hash': { idToken: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } },
  'roles that are none': { idToken: { roles: 7 } },
};
for (const [title, lie] of Object.entries(lies)) {
  test(`a renewal that brings ${title} ends the session`, async () => {
    const browser = people.gateway().browser();
    await browser.logIn();
    people.time.advance(250_000);
    people.provider.say(lie);
    assert.equal(reasonOf(await browser.ask('/', ask)), 'session_expired');
  });
}

test('a renewal may come without ID token and without a new refresh token', async () => {
  const browser = people.gateway().browser();
  await browser.logIn();
  const { claims } = principalIn(await browser.ask('/', ask));
  people.time.advance(250_000);
  people.provider.say({ tokens: { id_token: undefined, refresh_token: undefined } });
  const after = principalIn(await browser.ask('/', ask));
  assert.deepEqual(after.claims, claims);
  people.time.advance(200_000);
  principalIn(await browser.ask('/', ask));
});

test('a renewal brings no ID token into a session that has no use for it', async () => {
  const browser = people.gateway({ logout: { rp_initiated: false } }).browser();
  await browser.logIn();
  const before = browser.jar.header() ?? '';
  people.time.advance(250_000);
  principalIn(await browser.ask('/', ask));
  assert.notEqual(browser.jar.header(), before);
  assert.ok((browser.jar.header() ?? '').length < before.length + 50);
});

test('nothing makes a session live longer than it may', async () => {
  const browser = people.gateway(people.session({ absolute: '10m', idle: '10m' })).browser();
  await browser.logIn();
  for (let seconds = 0; seconds < 540; seconds += 45) {
    people.time.advance(45_000);
    principalIn(await browser.ask('/', ask));
  }
  people.time.advance(60_000);
  assert.equal(reasonOf(await browser.ask('/', ask)), 'session_expired');
});

/** State that can be taken away. */
function openFrailState(): { readonly state: StateStore; away: boolean } {
  const inner = createMemoryState(people.time.clock);
  const frail = {
    away: false,
    state: {
      ...inner,
      values: new Proxy(inner.values, {
        get: (values, name, self) =>
          frail.away ? async () => Promise.reject(new StoreUnavailable()) : Reflect.get(values, name, self),
      }),
    },
  };
  return frail;
}

test('the store away: sessions in cookies go on while their tokens are good, shared ones are told of', async () => {
  const reasons: Readonly<Record<string, readonly [before: string, after: string]>> = {
    cookie: ['pass', 'session_store_unavailable'],
    shared: ['session_store_unavailable', 'session_store_unavailable'],
  };
  for (const [store, [good, over]] of Object.entries(reasons)) {
    const frail = openFrailState();
    const gateway: LoginGateway = people.gateway(people.session({ store }), { state: frail.state });
    const browser = gateway.browser();
    await browser.logIn();
    people.time.advance(250_000);
    frail.away = true;
    const count = await countRenewals(async () => {
      assert.equal(reasonOf(await browser.ask('/', ask)), good);
      people.time.advance(60_000);
      assert.equal(reasonOf(await browser.ask('/', ask)), over);
    });
    assert.equal(count, 0);
    frail.away = false;
    principalIn(await browser.ask('/', ask));
    frail.away = store === 'shared';
    if (frail.away) assert.match((await gateway.browser().logIn()).body, /store_unavailable/);
  }
});
