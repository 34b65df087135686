import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { authnDeps, never, openTime } from '../../../test/support/authn.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { anAttributes, aRequest, type RequestSketch } from '../../../test/support/requests.ts';
import { apiKey } from '../api-key.ts';
import type { Authenticator } from '../authenticator.ts';
import { mintApiKey } from './mint.ts';

const { key, entry } = mintApiKey({ owner: 'acme', roles: [], id: 'acme1' });
const typo = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;

function build(options: object): { readonly keys: Authenticator; readonly issues: readonly string[] } {
  const { context, issues } = recordIssues({ 'keys.yaml': JSON.stringify({ keys: [entry] }) });
  return {
    keys: apiKey.build('partners', { keys_file: 'keys.yaml', ...options }, context, authnDeps(openTime())),
    issues,
  };
}

/** The verdict's reason or kind, its challenge, and what is said of the request. */
async function judge(keys: Authenticator, request: RequestSketch): Promise<readonly (string | undefined)[]> {
  const normal = aRequest(request);
  const verdict = await keys.authenticate(normal, never);
  assert.equal(keys.present(normal), verdict.kind !== 'abstain');
  const challenge = verdict.kind === 'reject' ? verdict.headers[0]?.value : undefined;
  return ['reason' in verdict ? verdict.reason : verdict.kind, keys.describe(normal), challenge];
}

const ours = 'an API key of our form';
const foreign = 'something that is no API key of ours';

suite('as a bearer token', () => {
  const { keys } = build({ bearer: true });
  const bearer = 'Bearer realm="portcullis"';
  const [invalid, badRequest] = [`${bearer}, error="invalid_token"`, `${bearer}, error="invalid_request"`];
  const cases: readonly (readonly [string | readonly string[], ...(string | undefined)[]])[] = [
    [`Bearer ${key}`, 'pass', ours, undefined],
    [`bearer  ${key}`, 'pass', ours, undefined],
    [`Bearer ${typo}`, 'api_key_malformed', 'an API key with a typo', invalid],
    ['Bearer eyJh.eyJh.x', 'api_key_malformed', foreign, invalid],
    ['Bearer', 'credential_malformed', 'a value that is not well formed', invalid],
    [`Basic ${key}`, 'credential_malformed', 'a credential of another scheme', bearer],
    [key, 'credential_malformed', 'a credential of another scheme', bearer],
    [`Bearer ${key},Bearer ${key}`, 'credential_ambiguous', 'several values', badRequest],
    [[`Bearer ${key}`, `Bearer ${key}`], 'credential_ambiguous', 'several values', badRequest],
  ];
  for (const [authorization, ...wanted] of cases) {
    test(String(authorization).replaceAll(key, 'KEY'), async () => {
      assert.deepEqual(await judge(keys, { headers: { authorization } }), wanted);
    });
  }
  test('stands where tokens stand, and is told from them by its prefix', () => {
    assert.deepEqual(keys.places, [{ in: 'header', name: 'authorization' }]);
    const recognises = (text: string): boolean =>
      keys.recognises(aRequest({ headers: { authorization: `Bearer ${text}` } }));
    assert.deepEqual([recognises(key), recognises(typo), recognises('eyJh.eyJh.x')], [true, true, false]);
  });
});

suite('in the query', () => {
  const { keys } = build({ query: 'api_key' });
  const challenge = 'ApiKey realm="portcullis", query="api_key"';
  const cases: readonly (readonly [string, ...(string | undefined)[]])[] = [
    [`api_key=${key}`, 'pass', ours, undefined],
    [`a=1&api%5Fkey=${key}&b`, 'pass', ours, undefined],
    [`%61%70%69_key=%70${key.slice(1)}`, 'pass', ours, undefined],
    [`API_KEY=${key}`, 'abstain', 'nothing', undefined],
    [`api%255Fkey=${key}`, 'abstain', 'nothing', undefined],
    [`a=api_key=${key}`, 'abstain', 'nothing', undefined],
    ['', 'abstain', 'nothing', undefined],
    ['api_key', 'api_key_malformed', foreign, challenge],
    ['api_key=%', 'credential_malformed', 'a value that is not well formed', challenge],
    [`api_key=${key}&api_key=${key}`, 'credential_ambiguous', 'several values', challenge],
    [`api_key=${key}&api%5fkey=`, 'credential_ambiguous', 'several values', challenge],
  ];
  for (const [query, ...wanted] of cases) {
    test(query.replaceAll(key, 'KEY'), async () => assert.deepEqual(await judge(keys, { query }), wanted));
  }
});

suite('in a cookie', () => {
  const { keys } = build({ cookie: '__Host-key' });
  const challenge = 'ApiKey realm="portcullis", cookie="__Host-key"';
  const cases: readonly (readonly [string | readonly string[], ...(string | undefined)[]])[] = [
    [`__Host-key=${key}`, 'pass', ours, undefined],
    [`a=b; __Host-key=${key};c=d`, 'pass', ours, undefined],
    ['a=b', 'abstain', 'nothing', undefined],
    [`__host-key=${key}`, 'abstain', 'nothing', undefined],
    [`__Host-key="${key}"`, 'api_key_malformed', foreign, challenge],
    [`__Host-key=${key}; __Host-key=x`, 'credential_ambiguous', 'several values', challenge],
    [[`__Host-key=${key}`, `__Host-key=${key}`], 'credential_ambiguous', 'several values', challenge],
  ];
  for (const [cookie, ...wanted] of cases) {
    test(String(cookie).replaceAll(key, 'KEY'), async () => {
      assert.deepEqual(await judge(keys, { headers: { cookie } }), wanted);
    });
  }
});

test('a page of another origin changes nothing with the key that a browser holds', async () => {
  const { keys } = build({ cookie: 'key' });
  const { keys: inHeader } = build({});
  const told = async (method: string, more: Readonly<Record<string, string>>, of = keys) => {
    const headers = { cookie: `key=${key}`, 'x-api-key': key, ...more };
    return (await judge(of, { attributes: anAttributes({ host: 'API.example.com:443', headers }), method }))[0];
  };
  for (const headers of [
    {},
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://api.example.com' },
  ]) {
    assert.equal(await told('POST', headers), 'pass', JSON.stringify(headers));
  }
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'https://api.example.com' },
    { origin: 'https://evil.example' },
    { origin: 'https://api.example.com:8443' },
    { origin: 'null' },
  ]) {
    assert.equal(await told('POST', headers), 'origin_mismatch', JSON.stringify(headers));
    assert.equal(await told('GET', headers), 'pass');
    assert.equal(await told('POST', headers, inHeader), 'pass');
  }
});

test('a key has one place, with a name that its kind can have', () => {
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [{ header: 'X-Key' }, []],
    [
      { header: 'x-a', query: 'a', cookie: 'a' },
      ['query', 'cookie'].map((one) => `${one} stands beside "header": a key has one place`),
    ],
    [{ bearer: true, header: 'x-a' }, ['bearer stands beside "header": a key has one place']],
    [{ bearer: false }, ['bearer must be true']],
    [{ header: 'authorization' }, ['header must be the name of a header of its own']],
    [{ query: 'a b' }, ['query must be the name of a query parameter']],
    [{ query: 'a[]' }, ['query must be the name of a query parameter']],
    [{ query: 'a'.repeat(65) }, ['query must be the name of a query parameter']],
    [{ cookie: 'session*' }, ['cookie must be the name of a cookie']],
    [{ cookie: 'a=b' }, ['cookie must be the name of a cookie']],
    [{ query: '' }, ['query must be a text']],
    [{ cookie: 1 }, ['cookie must be a text']],
  ];
  for (const [options, wanted] of cases) assert.deepEqual(build(options).issues, wanted, JSON.stringify(options));
});
