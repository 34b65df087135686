import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, openTime } from '../../../test/support/authn.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { jwksOf, makeKey } from '../../../test/support/tokens.ts';
import { readIntrospectionOptions } from './options.ts';

const key = makeKey('ES256');
const files = { 'key.pem': String(key.privateKey.export({ type: 'pkcs8', format: 'pem' })) };
const client = { id: 'gateway', secret: 's' };

function read(change: unknown) {
  const { context, issues } = recordIssues(files);
  const sound = { url: 'https://idp.example/introspect', client, audience: ['orders'] };
  const raw = typeof change === 'object' ? { ...sound, ...change } : change;
  return { ...readIntrospectionOptions('opaque', raw, context, authnDeps(openTime())), issues };
}

test('what is not said has a sound default', () => {
  const { options, issues } = read({});
  assert.deepEqual(issues, []);
  const { provider, memory, claims, signed, keySet } = options;
  assert.deepEqual(
    [provider.issuer, provider.url, provider.client.id],
    ['', 'https://idp.example/introspect', 'gateway'],
  );
  assert.deepEqual(provider.outbound.allowedHosts, ['idp.example']);
  assert.deepEqual(memory, {
    activeMs: 30_000,
    inactiveMs: 5000,
    staleMs: 0,
    maxTokens: 20_000,
    maxBytes: 64 * 1024 ** 2,
  });
  assert.deepEqual([claims.audience, claims.clockSkewMs, claims.maxAgeMs], [new Set(['orders']), 30_000, undefined]);
  assert.deepEqual([signed, keySet], [undefined, undefined]);
  assert.equal(read({ audience: 'any' }).options.claims.audience, undefined);
});

test('keys of signed answers are asked for as the provider itself is', () => {
  const { options, issues } = read({ issuer: 'https://idp.example', signed: { algorithms: ['ES256'] }, timeout: '1s' });
  assert.deepEqual(issues, []);
  assert.deepEqual(options.keySet?.source, { kind: 'discovery', issuer: 'https://idp.example' });
  assert.equal(options.keySet?.outbound.timeoutMs, 1000);
  assert.equal(options.signed?.required, true);
});

test('every issue is told at its place', () => {
  const issuer = 'https://idp.example';
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [
      7,
      [
        ' must be an object',
        'client is required',
        'audience is required',
        ' must have an issuer or a url',
        'client must have exactly one of secret, secret_file, private_key_file, cert_file',
        'client.id is required',
      ],
    ],
    [{ url: undefined }, [' must have an issuer or a url']],
    [
      { url: 'http://idp.example/introspect' },
      ['url must be https: plain http is for loopback addresses, or with allow_http'],
    ],
    [{ url: 'https://169.254.169.254/' }, ['url must not be a link-local address']],
    [{ url: undefined, issuer: 'https://idp.example?x' }, ['issuer must not have a query']],
    [{ audience: [] }, ['audience must be a list of at least one audience, or any']],
    [{ audience: 'orders' }, ['audience must be a list of texts']],
    [{ client: { id: 'a' } }, ['client must have exactly one of secret, secret_file, private_key_file, cert_file']],
    [
      { client: { id: 'a', private_key_file: 'key.pem' } },
      ['issuer is required with private_key_file: it is whom our assertions are for'],
    ],
    [{ cache: { active: '2h' } }, ['cache.active must be a duration from 0ms to 3600000ms, like "30s"']],
    [{ cache: { max_tokens: 0 } }, ['cache.max_tokens must be a whole number from 1 to 1000000']],
    [{ cache: 7 }, ['cache must be an object']],
    [{ stale_if_error: '2h' }, ['stale_if_error must be a duration from 0ms to 3600000ms, like "0s"']],
    [
      { signed: { algorithms: ['ES256'], jwks: { inline: jwksOf(key) } } },
      ['issuer is required with signed: it is who must have signed'],
    ],
    [{ issuer, signed: {} }, ['signed.algorithms must name at least one algorithm']],
    [
      { issuer, signed: { algorithms: ['HS256'] } },
      ['signed.algorithms.0 must be a signature algorithm with a public key, like ES256'],
    ],
    [
      { issuer, signed: { algorithms: ['ES256'], jwks: {} } },
      ['signed.jwks must have exactly one of url, file, inline, discovery'],
    ],
  ];
  for (const [change, expected] of cases) assert.deepEqual(read(change).issues, expected, JSON.stringify(change));
});
