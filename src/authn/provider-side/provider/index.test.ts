import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { authnDeps, never, openTime } from '../../../../test/support/authn.ts';
import { type KeyServerMode, openKeyServer } from '../../../../test/support/key-server.ts';
import { recordIssues } from '../../../../test/support/recording-context.ts';
import { silentLog, silentSignals } from '../../../core/ports.ts';
import { waitFor } from '../../../envoy/condition.ts';
import type { AuthnDeps } from '../../authenticator.ts';
import { readClient } from '../client/index.ts';
import { findProvider, type ProviderSpec } from './index.ts';

const openId = '/.well-known/openid-configuration';
const oauth = '/.well-known/oauth-authorization-server';
const minute = 60_000;

const clientOf = (secret: string) => readClient({ id: 'gateway', secret }, recordIssues().context);

async function open(context: TestContext, change: Partial<ProviderSpec> = {}) {
  const server = await openKeyServer();
  context.after(server.close);
  const time = openTime();
  const warnings: unknown[] = [];
  const calls: unknown[] = [];
  const deps: AuthnDeps = {
    ...authnDeps(time),
    log: { ...silentLog, warn: (fields) => warnings.push(fields) },
    signals: { ...silentSignals, providerCalled: (...call) => calls.push(call.slice(0, 3)) },
  };
  const issuer = change.issuer ?? server.origin;
  const spec: ProviderSpec = {
    identity: 'opaque',
    issuer,
    client: clientOf('s'),
    outbound: { allowHttp: false, allowedHosts: ['127.0.0.1'], ca: undefined, timeoutMs: 5000, maxBytes: 1024 ** 2 },
    refreshMs: 10 * minute,
    staleIfErrorMs: 60 * minute,
    ...change,
  };
  const metadata = { issuer, token_endpoint: `${server.origin}/token`, jwks_uri: `${server.origin}/jwks` };
  const answer = (mode: KeyServerMode, path = openId): void => server.answer(path, mode);
  answer({ kind: 'json', value: metadata });
  return { server, time, warnings, calls, deps, spec, metadata, answer, provider: findProvider(spec, deps) };
}

test('the metadata of the issuer is asked for once, however many want it, and is at hand from then on', async (context) => {
  const { provider, server, spec, calls } = await open(context);
  assert.equal(server.asked.length, 0);
  const found = await Promise.all(Array.from({ length: 50 }, () => provider.find(never)));
  assert.equal(new Set(found).size, 1);
  assert.deepEqual(server.asked, [openId]);
  const known = provider.find(never);
  assert.ok(known !== undefined && !(known instanceof Promise));
  assert.equal(known.metadata['token_endpoint'], `${server.origin}/token`);
  assert.equal(known.configuration.serverMetadata().issuer, spec.issuer);
  assert.equal(known.configuration.clientMetadata().client_id, 'gateway');
  assert.deepEqual(calls, [['opaque', 'metadata', 'ok']]);
});

test('an issuer that is no OpenID provider may say it as an authorization server (RFC 8414)', async (context) => {
  const { server, deps, spec } = await open(context);
  const issuer = `${server.origin}/tenant`;
  server.answer(`${oauth}/tenant`, { kind: 'json', value: { issuer } });
  const known = await findProvider({ ...spec, issuer }, deps).find(never);
  assert.deepEqual(known?.metadata, { issuer });
  assert.deepEqual(server.asked, [`/tenant${openId}`, `${oauth}/tenant`]);
});

test('metadata of another issuer is none, however alike the two are', async (context) => {
  const { provider, time, server, answer, warnings } = await open(context);
  const others = [
    `${server.origin}/`,
    server.origin.replace('127.0.0.1', 'localhost'),
    'https://evil.example',
    7,
    null,
  ];
  for (const issuer of others) {
    answer({ kind: 'json', value: { issuer } });
    assert.equal(await provider.find(never), undefined);
    time.advance(minute);
  }
  assert.equal(warnings.length, others.length);
  assert.match(JSON.stringify(warnings), /the metadata is of another issuer/);
});

test('what is no metadata is none', async (context) => {
  const { provider, time, answer, calls, spec } = await open(context);
  const modes: readonly KeyServerMode[] = [
    { kind: 'status', status: 500 },
    { kind: 'raw', text: '<html>' },
    { kind: 'raw', text: `{"issuer":"x","issuer":"${spec.issuer}"}` },
    { kind: 'json', value: [] },
    { kind: 'huge', bytes: 10 * 1024 ** 2 },
    { kind: 'redirect', to: oauth },
  ];
  for (const mode of modes) {
    answer(mode);
    assert.equal(await provider.find(never), undefined);
    time.advance(minute);
  }
  assert.deepEqual(new Set(calls.map(String)), new Set(['opaque,metadata,error']));
});

test('an issuer that is away is left alone for a while, ever longer', async (context) => {
  const { provider, server, time, answer } = await open(context);
  answer({ kind: 'status', status: 503 });
  await provider.find(never);
  for (let call = 0; call < 100; call += 1) assert.equal(await provider.find(never), undefined);
  assert.equal(server.asked.length, 1);
  time.advance(1000);
  await provider.find(never);
  time.advance(1999);
  await provider.find(never);
  assert.equal(server.asked.length, 2);
  time.advance(1);
  await provider.find(never);
  assert.equal(server.asked.length, 3);
});

test('metadata is renewed behind the back of those who use it, and kept while it cannot be renewed', async (context) => {
  const { provider, server, time, answer, metadata, spec } = await open(context);
  const first = await provider.find(never);
  answer({ kind: 'json', value: { ...metadata, jwks_uri: `${server.origin}/new` } });
  time.advance(spec.refreshMs * 0.8 + 1);
  assert.equal(provider.find(never), first);
  await waitFor({ what: 'it is renewed', holds: async () => provider.find(never) !== first });
  const second = await provider.find(never);
  assert.equal(second?.metadata['jwks_uri'], `${server.origin}/new`);
  answer({ kind: 'status', status: 500 });
  time.advance(spec.refreshMs + spec.staleIfErrorMs);
  assert.equal(provider.find(never), second);
  await waitFor({ what: 'it was asked', holds: async () => server.asked.length === 3 });
  time.advance(1);
  await waitFor({ what: 'it is too old', holds: async () => (await provider.find(never)) === undefined });
});

test('endpoints that may not be asked are left out, and said so; a login page may be elsewhere', async (context) => {
  const { provider, answer, metadata, warnings } = await open(context);
  const login = 'https://login.example/authorize';
  const value = {
    ...metadata,
    authorization_endpoint: login,
    token_endpoint: 'https://other.example/token',
    userinfo_endpoint: 'http://169.254.169.254/latest',
    introspection_endpoint: 7,
    end_session_endpoint: 'javascript:alert(1)',
    mtls_endpoint_aliases: { token_endpoint: 'https://other.example/token', introspection_endpoint: metadata.jwks_uri },
  };
  answer({ kind: 'json', value });
  const known = await provider.find(never);
  assert.deepEqual(known?.metadata, {
    issuer: metadata.issuer,
    jwks_uri: metadata.jwks_uri,
    authorization_endpoint: login,
    mtls_endpoint_aliases: { introspection_endpoint: metadata.jwks_uri },
  });
  assert.equal(JSON.stringify(warnings).match(/_endpoint (must|is)/g)?.length, 5);
});

test('whose time is up gets nothing, and the others still get what comes', async (context) => {
  const { provider, server, answer, metadata } = await open(context);
  answer({ kind: 'hang' });
  const controller = new AbortController();
  const [hasty, patient] = [provider.find(controller.signal), provider.find(never)];
  controller.abort();
  assert.equal(await hasty, undefined);
  await waitFor({ what: 'it was asked', holds: async () => server.asked.length === 1 });
  answer({ kind: 'json', value: metadata });
  server.release();
  assert.notEqual(await patient, undefined);
});

test('whoever looks whether it is ready makes it so', async (context) => {
  const { provider, server } = await open(context);
  assert.equal(provider.ready(), false);
  await waitFor({ what: 'it is ready', holds: async () => provider.ready() });
  assert.equal(server.asked.length, 1);
});

test('an equal spec is the same provider in the next plan; another secret is another', async (context) => {
  const { provider, spec, deps } = await open(context);
  assert.equal(findProvider({ ...spec, client: clientOf('s') }, deps), provider);
  assert.notEqual(findProvider({ ...spec, client: clientOf('t') }, deps), provider);
  assert.notEqual(findProvider({ ...spec, issuer: 'https://idp.example' }, deps), provider);
});
