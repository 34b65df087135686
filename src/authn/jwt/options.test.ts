import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { aRequest } from '../../../test/support/requests.ts';
import { jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';
import type { Log } from '../../core/ports.ts';
import { jwt } from '../jwt.ts';
import type { KeySetSpec } from '../provider-side/key-sets/key-set.ts';

const key = makeKey('ES256');
const sound = {
  issuer: 'https://idp.example',
  audience: ['orders'],
  algorithms: ['ES256'],
  jwks: { inline: jwksOf(key) },
};

function build(options: unknown, files: Readonly<Record<string, string>> = {}) {
  const { context, issues } = recordIssues(files);
  const specs: KeySetSpec[] = [];
  const warned: unknown[] = [];
  const log: Log = { info() {}, warn: (fields) => void warned.push(fields), error() {} };
  const keySets = {
    resolve: (spec: KeySetSpec) => {
      specs.push(spec);
      return { find: () => ({ kind: 'unavailable' as const }), ready: () => false };
    },
    start() {},
    retain() {},
    close() {},
  };
  const authenticator = jwt.build('users', options, context, { ...authnDeps(openTime(), keySets), log });
  return { authenticator, issues, specs, warned };
}

const issuesOf = (change: object): readonly string[] => build({ ...sound, ...change }).issues;

test('what is required is asked for, all at once', () => {
  assert.deepEqual(build({}).issues, [
    'issuer is required',
    'audience is required',
    'algorithms is required',
    'jwks is required',
    'jwks must have exactly one of url, file, inline, discovery',
  ]);
  assert.equal(build(null).issues[0], ' must be an object');
});

test('algorithms are asymmetric, known and at least one', () => {
  assert.match(issuesOf({ algorithms: ['ES256', 'HS256'] }).join(), /^algorithms\.1 HS256 is symmetric/);
  assert.match(issuesOf({ algorithms: ['none'] }).join(), /^algorithms\.0 an unsigned token proves nothing$/);
  assert.match(issuesOf({ algorithms: ['es256'] }).join(), /^algorithms\.0 unknown algorithm; known are RS256/);
  assert.match(issuesOf({ algorithms: ['toString'] }).join(), /^algorithms\.0 unknown algorithm/);
  assert.deepEqual(issuesOf({ algorithms: [] }), ['algorithms must name at least one algorithm']);
  assert.deepEqual(issuesOf({ algorithms: 'ES256' }), [
    'algorithms must be a list of texts',
    'algorithms must name at least one algorithm',
  ]);
});

test('each wrong member is told at its place', () => {
  assert.deepEqual(issuesOf({ audience: [] }), ['audience must name at least one audience']);
  assert.deepEqual(issuesOf({ issuer: 1 }), ['issuer must be a text']);
  assert.deepEqual(issuesOf({ clock_skew: '11m' }), ['clock_skew must be a duration from 0ms to 600000ms, like "30s"']);
  assert.deepEqual(issuesOf({ max_age: 5 }), ['max_age must be a duration from 1000ms to 315360000000ms, like "1h"']);
  assert.deepEqual(issuesOf({ jwks: 'x' }), ['jwks must be an object']);
  assert.deepEqual(issuesOf({ jwks: { url: 'https://a.example', file: 'x' } }), [
    'jwks must have exactly one of url, file, inline, discovery',
  ]);
  assert.deepEqual(issuesOf({ jwks: { url: 'https://idp.example/jwks', allow_http: 'yes' } }), [
    'jwks.allow_http must be true or false',
  ]);
  assert.deepEqual(issuesOf({ jwks: { url: 7 } }), ['jwks.url must be a text']);
  assert.deepEqual(issuesOf({ jwks: { discovery: false } }), ['jwks.discovery must be true']);
});

test('a key server is asked by https, or on loopback, or where it is allowed', () => {
  const jwks = (options: object): readonly string[] => issuesOf({ jwks: options });
  assert.match(jwks({ url: 'http://idp.example/jwks' }).join(), /^jwks\.url must be https/);
  assert.match(
    jwks({ url: 'http://169.254.169.254/', allow_http: true }).join(),
    /^jwks\.url must not be a link-local/,
  );
  assert.match(jwks({ url: 'file:///etc/passwd' }).join(), /^jwks\.url must be an https URL$/);
  assert.deepEqual(jwks({ url: 'http://idp.example/jwks', allow_http: true }), []);
  assert.deepEqual(jwks({ url: 'http://127.0.0.1:9400/jwks' }), []);
  assert.match(
    issuesOf({ issuer: 'http://idp.example', jwks: { discovery: true } }).join(),
    /^jwks\.discovery the issuer must be https/,
  );
  assert.match(
    issuesOf({ issuer: 'accounts', jwks: { discovery: true } }).join(),
    /^jwks\.discovery the issuer is no URL$/,
  );
});

test('a remote set has the defaults that are documented, or what is written', () => {
  const { specs, authenticator } = build({ ...sound, jwks: { url: 'https://idp.example/jwks' } });
  const defaults: KeySetSpec = {
    identity: 'users',
    source: { kind: 'url', url: 'https://idp.example/jwks' },
    refreshMs: 300_000,
    staleIfErrorMs: 86_400_000,
    unknownKidCooldownMs: 30_000,
    outbound: {
      allowHttp: false,
      allowedHosts: ['idp.example'],
      ca: undefined,
      timeoutMs: 2000,
      maxBytes: 1024 ** 2,
    },
  };
  assert.deepEqual(specs, [defaults]);
  assert.deepEqual(authenticator.keySets, specs);
  const jwks = { discovery: true, refresh: '1m', stale_if_error: '0s', unknown_kid_cooldown: '5s', timeout: '500ms' };
  assert.deepEqual(build({ ...sound, jwks }).specs, [
    {
      ...defaults,
      source: { kind: 'discovery', issuer: sound.issuer },
      refreshMs: 60_000,
      staleIfErrorMs: 0,
      unknownKidCooldownMs: 5000,
      outbound: { ...defaults.outbound, timeoutMs: 500 },
    },
  ]);
});

test('keys from a file are ready at once; a file without any is an issue', async () => {
  const jwks = { file: 'jwks.json' };
  const { authenticator, issues } = build({ ...sound, jwks }, { 'jwks.json': JSON.stringify(jwksOf(key)) });
  assert.deepEqual(issues, []);
  assert.equal(authenticator.ready(), true);
  assert.deepEqual(authenticator.keySets, []);
  assert.deepEqual(build({ ...sound, jwks }).issues, ['jwks.file cannot read jwks.json']);
  assert.deepEqual(build({ ...sound, jwks }, { 'jwks.json': '{}' }).issues, [
    'jwks.json: the key set is refused: it is no JWK set: it has no array "keys"',
  ]);
});

test('a private key is an issue, a key for another use is left out with a warning', () => {
  const keys = [key.jwk, { ...makeKey('RS256').jwk, use: 'enc' }];
  assert.deepEqual(build({ ...sound, jwks: { inline: { keys } } }).warned, [
    { identity: 'users', key: 1, fault: 'use' },
  ]);
  const secret = key.privateKey.export({ format: 'jwk' });
  assert.deepEqual(issuesOf({ jwks: { inline: { keys: [secret] } } }), [
    'jwks.inline the key at index 0 holds a secret part; keep only the public one here',
    'jwks.inline the key set is refused: it holds no key that can verify',
  ]);
});

test('an identity with issues lets nobody in', async () => {
  const token = signToken(key, { iss: '', sub: 'a', aud: 'orders', exp: 9_999_999_999 });
  const { authenticator } = build({ ...sound, issuer: 1 });
  const verdict = await authenticator.authenticate(aRequest({ headers: { authorization: `Bearer ${token}` } }), never);
  assert.equal(verdict.kind, 'reject');
  const keyless = build({ ...sound, jwks: {} }).authenticator;
  assert.equal(keyless.ready(), false);
});
