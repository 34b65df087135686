import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskSecrets } from './mask.ts';

const masked = (value: unknown): unknown => JSON.parse(JSON.stringify(maskSecrets(value)));

test('secrets are hidden and the rest is shown', () => {
  const config = {
    redis: { url: 'redis://app:p@ss/w@host:6379/0?token=abc&db=1', timeout: '20ms' },
    cluster: ['rediss://:secret@a', 'redis://b', 'https://token@c'],
    identity: {
      users: { jwt: { issuer: 'https://idp.example', client_secret: 'x', token_type: 'at+jwt' } },
      keys: { api_key: { header: 'x-api-key', keys_file: 'keys.yaml' } },
    },
    limits: { a: { key: 'principal.key' } },
    otlp: { headers: { Authorization: 'Bearer x', 'x-api-key': 'y', 'x-tenant': 'z', 'set-cookie': ['a', 'b'] } },
    passwords: ['a', 5],
    password: 12,
    empty_token: '',
    clientSecret: 'x',
    tls: { key: '-----BEGIN PRIVATE KEY-----\nabc', cert: 'cert.pem' },
    jwks: { inline: { keys: [{ kty: 'EC', x: 'pub', d: 'priv' }] } },
    flag: true,
    none: null,
  };
  assert.deepEqual(masked(config), {
    redis: { url: 'redis://app:***@host:6379/0?token=***&db=1', timeout: '20ms' },
    cluster: ['rediss://***@a', 'redis://b', 'https://***@c'],
    identity: {
      users: { jwt: { issuer: 'https://idp.example', client_secret: '***', token_type: 'at+jwt' } },
      keys: { api_key: { header: 'x-api-key', keys_file: 'keys.yaml' } },
    },
    limits: { a: { key: 'principal.key' } },
    otlp: { headers: { Authorization: '***', 'x-api-key': '***', 'x-tenant': 'z', 'set-cookie': ['***', '***'] } },
    passwords: ['***', '***'],
    password: '***',
    empty_token: '',
    clientSecret: '***',
    tls: { key: '***', cert: 'cert.pem' },
    jwks: { inline: { keys: [{ kty: 'EC', x: 'pub', d: '***' }] } },
    flag: true,
    none: null,
  });
});

test('what proves who we are at a provider is hidden, and files are named', () => {
  const files = { secret_file: 's', private_key_file: 'p', published_key_files: ['n'], cert_file: 'c', key_file: 'k' };
  const shown = {
    listen: { admin: { address: '127.0.0.1:9192', token_file: 'admin.token' } },
    signing: { key_files: ['signing.pem'] },
    identity: {
      internal: { jwt: { secret_encoding: 'text', secret_file: 's', dpop: { algorithms: ['ES256'] } } },
      opaque: { introspection: { client: { id: 'us', auth_method: 'client_secret_post', ...files } } },
      people: { oidc: { client: { id: 'us', ...files }, session: { keys_files: ['session.key'] } } },
    },
  };
  assert.deepEqual(masked(shown), shown);
  const secret = 'correct horse battery staple';
  const parameters = { client_assertion: 'a.b.c', api_token: 'a', access_key: 'a', password: 'a' };
  const hidden = {
    internal: { jwt: { secret } },
    opaque: { introspection: { client: { secret } } },
    people: { oidc: { client: { secret }, login: { parameters: { ...parameters, prompt: 'login' } } } },
    inline: { jwt: { jwks: { inline: { keys: [{ kty: 'AKP', pub: 'p', priv: secret }] } } } },
    headers: { dpop: 'eyJhbGci', DPoP: 'a.b.c', 'x-jwt-assertion': 'a.b.c', cookie: '__Host-portcullis-people=1.AQID' },
  };
  assert.deepEqual(masked(hidden), {
    internal: { jwt: { secret: '***' } },
    opaque: { introspection: { client: { secret: '***' } } },
    people: {
      oidc: {
        client: { secret: '***' },
        login: {
          parameters: {
            client_assertion: '***',
            api_token: '***',
            access_key: '***',
            password: '***',
            prompt: 'login',
          },
        },
      },
    },
    inline: { jwt: { jwks: { inline: { keys: [{ kty: 'AKP', pub: 'p', priv: '***' }] } } } },
    headers: { dpop: '***', DPoP: '***', 'x-jwt-assertion': '***', cookie: '***' },
  });
});

test('what looks like a credential is hidden under any name', () => {
  const key = 'pck_acme1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaaaaaaaa';
  const tests = [
    {
      request: { headers: { 'x-partner': key, 'x-way': 'Bearer abcdefghij', 'x-t': 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' } },
    },
  ];
  assert.deepEqual(masked({ tests, say: 'a bearer of news', curve: 'basic' }), {
    tests: [{ request: { headers: { 'x-partner': 'pck_acme1_***', 'x-way': 'Bearer ***', 'x-t': 'eyJhbGci***' } } }],
    say: 'a bearer of news',
    curve: 'basic',
  });
});

test('where a path is often a key, of a URL only its host is shown', () => {
  const feeds = (url: string) => ({
    drop: { url, refresh: '1h' },
    url: { file: 'a/b' },
    bare: { url: 'https://a:8080' },
  });
  const configOf = (shown: (host: string) => string): object => ({
    addresses: { deny_feeds: feeds(shown('https://lists.example')), allow_feeds: feeds(shown('https://b:8443')) },
    audit: { sinks: ['stdout', { webhook: { url: shown('https://hooks.example'), batch: { max: 5 } } }] },
    identity: { users: { jwt: { issuer: 'https://idp.example/realms/a' } } },
    deciders: [{ url: 'https://opa.example/v1/data' }],
  });
  for (const path of ['/planted/list.txt', '?planted', '/#planted', '\\planted']) {
    assert.deepEqual(
      masked(configOf((host) => `${host}${path}`)),
      configOf((host) => `${host}/***`),
    );
  }
  const sinkOf = (url: string): object => ({ sinks: [{ webhook: { url } }] });
  assert.deepEqual(masked(sinkOf('https://u:planted@host/planted')), sinkOf('https://host/***'));
  assert.deepEqual(masked(sinkOf('planted')), sinkOf('***'));
});

test('headers by which a gateway proves itself are hidden', () => {
  const headers = { 'x-gateway-auth': 'a', 'x-origin-key': 'b', 'x-tenant': '{claims.tenant}', 'x-author': 'c' };
  assert.deepEqual(masked({ upstream: { set_headers: headers } }), {
    upstream: { set_headers: { ...headers, 'x-gateway-auth': '***', 'x-origin-key': '***' } },
  });
});

test('no password of a URL is ever shown', () => {
  const password = fc.string({ minLength: 1 }).filter((text) => !/\s/.test(text));
  fc.assert(
    fc.property(password, (text) => {
      assert.deepEqual(masked([`redis://u:PLANTED${text}@host`]), ['redis://u:***@host']);
    }),
  );
});
