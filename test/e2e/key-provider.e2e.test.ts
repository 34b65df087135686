import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { createAuthority } from '../support/certificates.ts';
import { connectCheck } from '../support/check-client.ts';
import { freshToken, type KeyGateway, startKeyGateway } from '../support/key-gateway.ts';
import { type KeyServer, type KeyServerMode, openKeyServer } from '../support/key-server.ts';
import { startLoad } from '../support/load.ts';
import { base64url, jwksOf, makeKey, type TestKey } from '../support/tokens.ts';

// A provider with a certificate of its own authority: its metadata say where its keys are.
const authority = await createAuthority('provider authority');
const provider: KeyServer = await openKeyServer(0, await authority.issue('provider'));
const issuer = provider.origin;
const metadata = '/.well-known/openid-configuration';
const refreshMs = 250;

// The cooldown is longer than the test: whatever is fetched in the meantime, no unknown kid has caused it.
const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
identity:
  users:
    jwt:
      issuer: "${issuer}"
      audience: [orders]
      algorithms: [ES256]
      jwks: { discovery: true, ca_file: ca.pem, refresh: ${refreshMs}ms, unknown_kid_cooldown: 1h, timeout: 500ms }
  seldom:
    jwt:
      issuer: "${issuer}/seldom"
      audience: [orders]
      algorithms: [ES256]
      jwks: { url: "${issuer}/seldom", ca_file: ca.pem, refresh: 1h, unknown_kid_cooldown: 2s }
rules:
  - { id: orders, match: { path: /orders }, identity: [users, seldom] }
`;

const key = (name: string): TestKey => makeKey('ES256', name);
const stable = key('stable');
/** A token that nobody has seen yet. */
const token = (signer: TestKey, iss = issuer): string => freshToken(signer, iss);

let gateway: KeyGateway;
before(async () => {
  publish(stable);
  provider.answer('/seldom', { kind: 'json', value: jwksOf(stable) });
  gateway = await startKeyGateway({ config, files: { 'ca.pem': authority.ca } });
  const holds = async (): Promise<boolean> => (await gateway.sidecar.page('/readyz')).status === 200;
  await waitFor({ what: 'the keys are there', holds });
});
after(async () => {
  await gateway?.stop();
  await provider.close();
});

function publish(...keys: readonly TestKey[]): void {
  provider.answer(metadata, { kind: 'json', value: { issuer, jwks_uri: `${issuer}/jwks` } });
  provider.answer('/jwks', { kind: 'json', value: jwksOf(...keys) });
}

const status = async (text: string): Promise<number> => (await gateway.send(text)).status;
const moreFetches: KeyGateway['moreFetches'] = (outcome, more) => gateway.moreFetches(outcome, more);

test('keys that rotate under load cost no valid request, and let no other one through', async () => {
  const stranger = key('stable');
  let current = stable;
  const load = startLoad(4, async (turn) => {
    const forged = turn % 4 === 0;
    const answer = await status(token(forged ? { ...stranger, kid: current.kid } : current));
    return forged ? answer === 401 : answer === 200;
  });
  for (let rotation = 0; rotation < 6; rotation += 1) {
    const next = key(`rotation-${rotation}`);
    publish(current, next);
    // Published, and fetched once since: the first of these fetches may have been under way.
    await moreFetches('ok', 2);
    const previous = current;
    current = next;
    await load.more(40);
    publish(next);
    await moreFetches('ok', 2);
    assert.equal(await status(token(previous)), 401, 'a key that was withdrawn is good for nothing');
  }
  publish(stable);
  const results = await load.stop();
  assert.deepEqual(
    results.filter((right) => !right),
    [],
    `of ${results.length}`,
  );
});

const troubles: readonly (readonly [name: string, path: string, mode: KeyServerMode])[] = [
  ['answers 500', '/jwks', { kind: 'status', status: 500 }],
  ['answers 404 for its metadata', metadata, { kind: 'status', status: 404 }],
  ['answers HTML', '/jwks', { kind: 'raw', text: '<!doctype html><title>Maintenance</title>' }],
  ['answers 10 MB', '/jwks', { kind: 'huge', bytes: 10 * 1024 ** 2 }],
  ['answers nothing', '/jwks', { kind: 'hang' }],
  ['redirects', '/jwks', { kind: 'redirect', to: '/other' }],
  ['has no keys', '/jwks', { kind: 'json', value: { keys: [] } }],
  ['mixes classes of keys', '/jwks', { kind: 'json', value: { keys: [stable.jwk, { kty: 'oct', k: 'AAAA' }] } }],
  [
    'says that it is another issuer',
    metadata,
    { kind: 'json', value: { issuer: 'https://evil.example', jwks_uri: `${issuer}/evil` } },
  ],
  [
    'names a key set on another host',
    metadata,
    { kind: 'json', value: { issuer, jwks_uri: `${issuer.replace('127.0.0.1', 'localhost')}/evil` } },
  ],
];

for (const [name, path, mode] of troubles) {
  test(`a provider that ${name} stops nobody who has a good token, and lets nobody else in`, async () => {
    const evil = key('evil');
    provider.answer('/evil', { kind: 'json', value: jwksOf(evil) });
    publish(stable);
    await moreFetches('ok', 1);
    const asked = provider.asked.length;
    provider.answer(path, mode);
    await moreFetches('error', 1);
    assert.equal(await status(token(stable)), 200);
    assert.equal(await status(token(evil)), 401);
    assert.equal(await status(token({ ...evil, kid: stable.kid })), 401);
    assert.ok(!provider.asked.slice(asked).includes('/evil') && !provider.asked.slice(asked).includes('/other'));
    assert.equal((await gateway.sidecar.page('/readyz')).status, 200);
    publish(stable);
    provider.release();
    await moreFetches('ok', 1);
  });
}

test('the log says which host to allow', async () => {
  const output = gateway.sidecar.child.output();
  assert.match(output, /is on the host localhost, which allowed_hosts does not name/);
});

test('10,000 tokens with unknown key ids cause one fetch a cooldown, and delay nobody', async () => {
  const seldom = `${issuer}/seldom`;
  const asked = (): number => provider.asked.filter((one) => one === '/seldom').length;
  const authorization = `Bearer ${token(stable, seldom)}`;
  const [, claims, signature] = authorization.split('.');
  const withKid = (kid: string): string => `${base64url(JSON.stringify({ alg: 'ES256', kid }))}.${claims}.${signature}`;
  const before = asked();
  const start = performance.now();
  // Asked without Envoy, whose patience ends after 250 ms: on a busy machine that is no matter of keys.
  const client = await connectCheck(gateway.sidecar.grpc);
  const flood = startLoad(8, async (turn, lane) => {
    const bad = withKid(`random-${lane}-${turn}`);
    return turn % 10 === 0 ? status(bad) : (await client.check({ headers: { authorization: `Bearer ${bad}` } })).status;
  });
  const good = startLoad(1, async () => {
    await flood.more(20);
    return client.check({ headers: { authorization } });
  });
  await flood.more(10_000);
  const refused = await flood.stop();
  const elapsedMs = performance.now() - start;
  // Whoever waits for the fetch may be out of time on a busy machine; nobody gets in.
  assert.ok(refused.every((answer) => answer === 401 || answer === 503));
  assert.ok(refused.filter((answer) => answer === 401).length >= 9900);
  assert.deepEqual([...new Set((await good.stop()).map(({ reason }) => reason))], ['ok']);
  client.close();
  const most = Math.floor(elapsedMs / 2000) + 1;
  assert.ok(asked() - before >= 1 && asked() - before <= most, `${asked() - before} fetches in ${elapsedMs} ms`);
});
