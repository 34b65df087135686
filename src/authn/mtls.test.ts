import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authnDeps, never, openTime } from '../../test/support/authn.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aRequest } from '../../test/support/requests.ts';
import type { ClientCertificate, PresentedCertificate } from '../core/certificate.ts';
import { mtls } from './mtls.ts';

const time = openTime();
const nothing: ClientCertificate = {
  thumbprint: undefined,
  subject: '',
  uris: [],
  dnsNames: [],
  emails: [],
  issuedMs: undefined,
  expiresMs: undefined,
};

function build(options: unknown, presented: PresentedCertificate) {
  const { context, issues } = recordIssues();
  const deps = { ...authnDeps(time), certificates: () => presented };
  return { authenticator: mtls.build('services', options, context, deps), issues };
}

async function judge(options: unknown, certificate: Partial<ClientCertificate>) {
  const { authenticator, issues } = build(options, { kind: 'present', certificate: { ...nothing, ...certificate } });
  assert.deepEqual(issues, []);
  return authenticator.authenticate(aRequest(), never);
}

async function idOf(options: unknown, certificate: Partial<ClientCertificate>): Promise<string> {
  const verdict = await judge(options, certificate);
  if (verdict.kind === 'reject') return verdict.reason;
  return verdict.kind === 'pass' ? verdict.value.principal.id : verdict.kind;
}

const spiffe = { spiffe: { trust_domains: ['prod.example'] } };

test('a SPIFFE ID of an accepted trust domain is the principal', async () => {
  const uri = 'spiffe://prod.example/ns/shop/sa/orders';
  assert.equal(await idOf(spiffe, { uris: [uri], dnsNames: ['orders.shop.svc'] }), uri);
  assert.equal(await idOf(spiffe, { uris: ['spiffe://test.example/ns/shop'] }), 'certificate_unknown');
  assert.equal(await idOf(spiffe, { uris: [], dnsNames: ['prod.example'] }), 'certificate_unknown');
  assert.equal(await idOf(spiffe, { uris: ['https://prod.example/ns'] }), 'certificate_unknown');
});

test('what claims to be a SPIFFE ID and is none makes the certificate malformed', async () => {
  for (const uri of [
    'spiffe://prod.example',
    'spiffe://prod.example/',
    'spiffe://prod.example//a',
    'spiffe://prod.example/a/',
    'spiffe://prod.example/./a',
    'spiffe://prod.example/a/..',
    'spiffe://prod.example/a?b',
    'spiffe://prod.example/a#b',
    'spiffe://prod.example/%61',
    'spiffe://prod.example/a b',
    'spiffe://prod.example/ä',
    'spiffe://prod.example:443/a',
    'spiffe://user@prod.example/a',
    'spiffe://PROD.example/a',
    'SPIFFE://prod.example/a',
    'spiffe:prod.example/a',
    'spiffe:///a',
    `spiffe://prod.example/${'a'.repeat(2048)}`,
  ]) {
    assert.equal(await idOf(spiffe, { uris: [uri] }), 'certificate_malformed', uri);
  }
});

test('a SPIFFE ID stands alone among the URIs', async () => {
  const [one, two] = ['spiffe://prod.example/a', 'spiffe://prod.example/b'];
  for (const uris of [
    [one, two],
    [one, one],
    [one, 'https://a.example'],
    ['https://a.example', one],
  ]) {
    assert.equal(await idOf(spiffe, { uris }), 'certificate_malformed');
  }
  assert.equal(
    await idOf({ ...spiffe, dns: ['a.example'] }, { uris: [one, two], dnsNames: ['a.example'] }),
    'certificate_malformed',
  );
  assert.equal(await idOf({ dns: ['a.example'] }, { uris: [one, two], dnsNames: ['a.example'] }), 'a.example');
});

test('paths narrow a trust domain', async () => {
  const options = { spiffe: { trust_domains: ['prod.example'], paths: ['/ns/{ns}/sa/orders', '/ns/shop/**'] } };
  for (const [path, accepted] of [
    ['/ns/other/sa/orders', true],
    ['/ns/shop/sa/billing', true],
    ['/ns/other/sa/billing', false],
    ['/ns/other/sa/orders/more', false],
    ['/NS/shop/x', false],
  ] as const) {
    const uri = `spiffe://prod.example${path}`;
    assert.equal(await idOf(options, { uris: [uri] }), accepted ? uri : 'certificate_unknown', path);
  }
});

test('DNS names fit exactly or by one label, in any case', async () => {
  const options = { dns: ['api.example', '*.svc.example'] };
  for (const name of ['api.example', 'API.Example', 'a.svc.example', 'A_1-b.SVC.example']) {
    assert.equal(await idOf(options, { dnsNames: ['other.example', name] }), name.toLowerCase());
  }
  for (const name of [
    'xapi.example',
    'api.example.',
    'svc.example',
    'a.b.svc.example',
    '.svc.example',
    '*.svc.example',
    'a.svc.example.evil',
    'apixexample',
    '-.svc.example',
    '',
  ]) {
    assert.equal(await idOf(options, { dnsNames: [name] }), 'certificate_unknown', name);
  }
});

test('other names fit letter by letter, and each kind only its own list', async () => {
  const [uri, mail, subject] = ['urn:example:billing', 'robot@example.com', String.raw`CN=\"billing\"\\,O=Example`];
  const options = { uris: [uri], emails: [mail], subjects: [subject] };
  assert.equal(await idOf(options, { uris: [uri] }), uri);
  assert.equal(await idOf(options, { emails: [mail] }), mail);
  assert.equal(await idOf(options, { subject }), subject);
  for (const other of [
    { uris: [`${uri}x`], subject: uri },
    { emails: ['robot@evil.com@example.com', 'Robot@example.com'] },
    { subject: 'CN=billing,O=Example,C=DE', dnsNames: [subject] },
    { subject: '' },
    {},
  ]) {
    assert.equal(await idOf(options, other), 'certificate_unknown', JSON.stringify(other));
  }
});

test('the first kind of name that fits is the principal', async () => {
  const options = { subjects: ['CN=a'], dns: ['a.example'], spiffe: { trust_domains: ['td'] } };
  const all = { subject: 'CN=a', dnsNames: ['a.example'], uris: ['spiffe://td/a'] };
  assert.equal(await idOf(options, all), 'spiffe://td/a');
  assert.equal(await idOf(options, { ...all, uris: [] }), 'a.example');
  assert.equal(await idOf(options, { ...all, uris: [], dnsNames: [] }), 'CN=a');
});

test('roles come from every name that fits', async () => {
  const roles = {
    'spiffe://td/ns/shop/orders': ['writer'],
    'spiffe://td/ns/shop/**': ['reader'],
    'spiffe://td/**': ['service'],
    'spiffe://td/ns/shop/ord/**': ['never'],
    '*.svc.example': ['reader'],
    'a.svc.example': ['admin'],
  };
  const options = { spiffe: { trust_domains: ['td'] }, dns: ['*.svc.example'], roles };
  const rolesOf = async (certificate: Partial<ClientCertificate>) => {
    const verdict = await judge(options, certificate);
    return verdict.kind === 'pass' ? [...verdict.value.principal.roles] : verdict.kind;
  };
  assert.deepEqual(await rolesOf({ uris: ['spiffe://td/ns/shop/orders'] }), ['writer', 'reader', 'service']);
  assert.deepEqual(await rolesOf({ uris: ['spiffe://td/ns/shop'] }), ['reader', 'service']);
  assert.deepEqual(await rolesOf({ dnsNames: ['a.svc.example'] }), ['admin', 'reader']);
  assert.deepEqual(await rolesOf({ dnsNames: ['b.svc.example'] }), ['reader']);
});

test('the principal is bound to its certificate, and lives as long', async () => {
  const nowMs = time.clock.nowMs();
  const certificate = { thumbprint: 'x', dnsNames: ['a.example'], issuedMs: nowMs - 1000, expiresMs: nowMs + 1 };
  const verdict = await judge({ dns: ['a.example'] }, certificate);
  assert.ok(verdict.kind === 'pass');
  const { boundBy, credentialId, issuedMs, expiresMs, claims } = verdict.value.principal;
  assert.deepEqual([boundBy, credentialId, issuedMs, expiresMs], ['mtls', 'x', nowMs - 1000, nowMs + 1]);
  assert.deepEqual({ ...claims }, { subject: '', uris: [], dns_names: ['a.example'], emails: [] });
  const late = await judge({ dns: ['a.example'] }, { ...certificate, expiresMs: nowMs });
  assert.ok(late.kind === 'reject' && late.reason === 'certificate_unknown' && late.detail['problem'] === 'expired');
});

test('what cannot be read is malformed, whatever is accepted', async () => {
  const { authenticator } = build(spiffe, { kind: 'malformed', problem: 'names' });
  const request = aRequest();
  const verdict = await authenticator.authenticate(request, never);
  assert.ok(verdict.kind === 'reject');
  assert.equal(verdict.reason, 'certificate_malformed');
  assert.deepEqual(verdict.headers, [{ name: 'www-authenticate', value: 'ClientCertificate realm="portcullis"' }]);
  assert.deepEqual([authenticator.present(request), authenticator.recognises(request)], [true, false]);
  assert.equal(authenticator.describe(request), 'something that is no certificate');
});

test('it says what it sees', () => {
  const seen = (presented: PresentedCertificate) => build(spiffe, presented).authenticator.describe(aRequest());
  assert.equal(seen({ kind: 'absent' }), 'nothing');
  assert.equal(seen({ kind: 'present', certificate: nothing }), 'a certificate without an accepted name');
  const certificate = { ...nothing, uris: ['spiffe://prod.example/a'] };
  assert.equal(seen({ kind: 'present', certificate }), 'a certificate with an accepted name');
});

test('every mistake in the options is an issue in its place', () => {
  const issuesOf = (options: unknown) => build(options, { kind: 'absent' }).issues;
  assert.deepEqual(issuesOf({}), [' must accept some name: spiffe, uris, dns, emails or subjects']);
  assert.deepEqual(issuesOf({ spiffe: {} }), ['spiffe.trust_domains must name at least one trust domain']);
  assert.deepEqual(
    issuesOf({
      spiffe: { trust_domains: ['Prod.example', 'a:1'], paths: ['ns', '/a/*'] },
      uris: ['spiffe://td/a', 'nothing'],
      dns: ['*', 'a.*.b', '**.a', 'a_b.c'],
      emails: ['@a', 'a@b@c'],
      subjects: ['billing', 'O="x"', 'O=x\\', 'O=a\nb'],
      roles: { 'spiffe://td/a': ['x'], 'z.example': ['x'], 'a_b.c': ['x'], '__proto__.x': 'x' },
    }).map((issue) => issue.split(' ')[0]),
    [
      'spiffe.trust_domains.0',
      'spiffe.trust_domains.1',
      'spiffe.paths.0',
      'spiffe.paths.1',
      'uris.0',
      'uris.1',
      'dns.0',
      'dns.1',
      'dns.2',
      'emails.0',
      'emails.1',
      'subjects.0',
      'subjects.1',
      'subjects.2',
      'subjects.3',
      'roles.spiffe://td/a',
      'roles.z.example',
      'roles.__proto__.x',
    ],
  );
});

test('no certificate of other names gets in', async () => {
  const options = { ...spiffe, dns: ['*.svc.example'], uris: ['urn:a'], emails: ['a@b.c'], subjects: ['CN=a'] };
  const { authenticator } = build(options, { kind: 'absent' });
  assert.equal((await authenticator.authenticate(aRequest(), never)).kind, 'abstain');
  const part = fc.constantFrom(
    'spiffe',
    '://',
    'prod.example',
    '/',
    'a',
    '.',
    'svc.example',
    '*',
    'CN=',
    '@',
    ':',
    '%',
  );
  const name = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(name), fc.array(name), name, async (uris, dnsNames, subject) => {
      const id = await idOf(options, { uris, dnsNames, subject });
      const sound = /^(certificate_\w+|spiffe:\/\/prod\.example(\/[A-Za-z0-9._-]+)+|[a-z0-9_-]+\.svc\.example|CN=a)$/;
      assert.match(id, sound);
    }),
  );
});
