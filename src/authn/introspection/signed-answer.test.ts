import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { openIntrospectionServer, sendJson } from '../../../test/support/introspection-server.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { jwksOf, makeKey, signRaw, signToken, type TestKey } from '../../../test/support/tokens.ts';
import { silentLog, silentSignals } from '../../core/ports.ts';
import { createOutbounds } from '../../outbound/registry.ts';
import { createKeySets } from '../index.ts';
import { introspection } from '../introspection.ts';

const issuer = 'https://idp.example';
const key = makeKey('ES256', 'k1');
const stranger = makeKey('ES256', 'k1');
const time = openTime();
const seconds = time.clock.nowMs() / 1000;
const said = { active: true, sub: 'alice', aud: 'orders', exp: seconds + 300 };
const good = { iss: issuer, aud: 'gateway', iat: seconds, token_introspection: said };
const header = { typ: 'token-introspection+jwt' };

async function open(context: TestContext, change: Readonly<Record<string, unknown>> = {}) {
  const server = await openIntrospectionServer();
  context.after(server.close);
  const keySets = createKeySets({
    clock: time.clock,
    timers: time.timers,
    signals: silentSignals,
    log: silentLog,
    outbounds: createOutbounds(),
  });
  context.after(() => keySets.close());
  const { context: building, issues } = recordIssues();
  const authenticator = introspection.build(
    'opaque',
    {
      issuer,
      url: server.url,
      client: { id: 'gateway', secret: 's' },
      audience: ['orders'],
      signed: { algorithms: ['ES256'], jwks: { inline: jwksOf(key) } },
      ...change,
    },
    building,
    authnDeps(time, keySets),
  );
  assert.deepEqual(issues, []);
  let asked = 0;
  const ask = async (): Promise<string> => {
    asked += 1;
    const headers = { authorization: `Bearer token${asked}` };
    const verdict = await authenticator.authenticate(aRequest({ headers }), never);
    return verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : verdict.kind;
  };
  const answer = (text: string, type = 'application/token-introspection+jwt'): void =>
    server.stage((_, response) => void response.writeHead(200, { 'content-type': type }).end(text));
  return { server, authenticator, ask, answer };
}

test('a signed answer is taken for what is in it (RFC 9701 section 5)', async (context) => {
  const { server, ask, answer } = await open(context);
  answer(signToken(key, good, header));
  assert.equal(await ask(), 'pass');
  assert.equal(server.questions[0]?.headers.accept, 'application/token-introspection+jwt');
  answer(signToken(key, { ...good, aud: ['other', 'gateway'] }, { typ: 'application/Token-Introspection+JWT' }));
  assert.equal(await ask(), 'pass');
  answer(signToken(key, { ...good, aud: 'orders' }, header));
  assert.equal(await ask(), 'pass');
  answer(signToken(key, { ...good, token_introspection: { active: false } }, header));
  assert.equal(await ask(), 'token_inactive');
  answer(signToken(key, { ...good, token_introspection: { ...said, aud: 'billing' } }, header));
  assert.equal(await ask(), 'token_audience');
});

test('what is not signed by the provider, for us, just now, is no answer', async (context) => {
  const { server, ask, answer } = await open(context);
  const changed = (claims: object, by: TestKey = key, head: object = header): string =>
    signToken(by, { ...good, ...claims }, { ...head });
  const texts: readonly string[] = [
    changed({}, stranger),
    changed({}, key, { typ: 'JWT' }),
    changed({}, key, { typ: undefined }),
    changed({}, key, { typ: 'at+jwt' }),
    changed({}, key, { ...header, crit: ['x'] }),
    changed({}, makeKey('RS256', 'k1')),
    changed({}, makeKey('ES256', 'k2')),
    changed({}, key, { ...header, alg: 'none' }),
    changed({ iss: `${issuer}/` }),
    changed({ iss: undefined }),
    changed({ aud: 'other' }),
    changed({ aud: { gateway: true } }),
    changed({ aud: undefined }),
    changed({ iat: undefined }),
    changed({ iat: seconds - 91 }),
    changed({ iat: seconds + 91 }),
    changed({ token_introspection: undefined, ...said }),
    changed({ token_introspection: [said] }),
    changed({ token_introspection: { ...said, active: 'true' } }),
    signRaw(key, JSON.stringify({ alg: 'ES256', kid: 'k1', ...header }), '{"iss":"a","iss":"b"}'),
    JSON.stringify(said),
    '',
  ];
  for (const [index, text] of texts.entries()) {
    answer(text);
    assert.equal(await ask(), 'introspection_unavailable', String(index));
    // One that is well lets the next one be asked.
    answer(signToken(key, good, header));
    assert.equal(await ask(), 'pass');
  }
  server.stage((_, response) => sendJson(response, said));
  assert.equal(await ask(), 'introspection_unavailable');
  answer(signToken(key, good, header), 'application/jwt');
  assert.equal(await ask(), 'introspection_unavailable');
});

test('plain JSON is taken beside signed answers where the config says so', async (context) => {
  const { server, ask, answer } = await open(context, {
    signed: { algorithms: ['ES256'], required: false, jwks: { inline: jwksOf(key) } },
  });
  server.stage((_, response) => sendJson(response, said));
  assert.equal(await ask(), 'pass');
  assert.match(server.questions[0]?.headers.accept ?? '', /introspection\+jwt, application\/json/);
  answer(signToken(stranger, good, header));
  assert.equal(await ask(), 'introspection_unavailable');
});

test('a signed answer that nobody asked for is none', async (context) => {
  const { ask, answer } = await open(context, { signed: undefined });
  answer(signToken(key, good, header));
  assert.equal(await ask(), 'introspection_unavailable');
});

test('endpoint and keys come from the metadata of the provider where the config names none', async (context) => {
  const server = await openIntrospectionServer();
  context.after(server.close);
  const own = server.origin;
  const jwt = (): string => signToken(key, { ...good, iss: own }, header);
  server.stage(({ path }, response) => {
    if (path === '/.well-known/openid-configuration') {
      return sendJson(response, { issuer: own, introspection_endpoint: server.url, jwks_uri: `${own}/jwks` });
    }
    if (path === '/jwks') return sendJson(response, jwksOf(key));
    response.writeHead(200, { 'content-type': 'application/token-introspection+jwt' }).end(jwt());
  });
  const { authenticator, ask } = await open(context, {
    issuer: own,
    url: undefined,
    signed: { algorithms: ['ES256'] },
  });
  assert.equal(authenticator.keySets.length, 1);
  assert.equal(await ask(), 'pass');
  assert.equal(await ask(), 'pass');
  assert.equal(authenticator.ready(), true);
  const paths = server.questions.map(({ path }) => path).filter((path) => path !== '/introspect');
  assert.deepEqual(new Set(paths), new Set(['/.well-known/openid-configuration', '/jwks']));
});

test('metadata without an endpoint, or of another issuer, asks nobody', async (context) => {
  const server = await openIntrospectionServer();
  context.after(server.close);
  const { authenticator, ask } = await open(context, { issuer: server.origin, url: undefined, signed: undefined });
  for (const metadata of [{ issuer: server.origin }, { issuer, introspection_endpoint: server.url }]) {
    server.stage((_, response) => sendJson(response, metadata));
    assert.equal(await ask(), 'introspection_unavailable');
    time.advance(120_000);
  }
  assert.ok(server.questions.every(({ path }) => path.startsWith('/.well-known/')));
  assert.equal(authenticator.keySets.length, 0);
});
