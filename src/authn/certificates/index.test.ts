import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAuthority, urlEncoded } from '../../../test/support/client-certificates.ts';
import { recordIssues } from '../../../test/support/recording-context.ts';
import { anAttributes, aRequest, type Headers } from '../../../test/support/requests.ts';
import { buildCertificates, type ClientCertificateOptions } from './index.ts';

const authority = await createClientAuthority();
const alice = await authority.issue({
  subject: [
    ['CN', 'alice'],
    ['O', 'Acme, Inc.'],
    ['C', 'DE'],
  ],
  names: [
    { type: 'url', value: 'spiffe://td.example/alice' },
    { type: 'dns', value: 'alice.example' },
    { type: 'email', value: 'alice@example.com' },
    { type: 'ip', value: '192.0.2.1' },
  ],
});
const bob = await authority.issue({ subject: [['CN', 'bob']], names: [{ type: 'dns', value: 'bob.example' }] });

const reader = (options?: ClientCertificateOptions) => {
  const { context, issues } = recordIssues();
  const { read, trustsHeader } = buildCertificates(options, context);
  return { read, trustsHeader, issues };
};
const peer = (certificate: string, principal = '') => {
  const source = { address: '192.0.2.1', port: 1, certificate, principal };
  return reader().read(aRequest({ attributes: anAttributes({ source }) }));
};
const forwarded = (headers: Headers, trusted_hops = 1) =>
  reader({ from: 'x-forwarded-client-cert', trusted_hops }).read(aRequest({ headers }));
const xfcc = (text: string | readonly string[], hops?: number) => forwarded({ 'x-forwarded-client-cert': text }, hops);
const problemOf = (presented: ReturnType<typeof peer>) =>
  presented.kind === 'malformed' ? presented.problem : presented.kind;
const named = (presented: ReturnType<typeof peer>) =>
  presented.kind === 'present' ? presented.certificate : assert.fail(JSON.stringify(presented));

test('the certificate of the peer is read from PEM, percent-encoded in any way', () => {
  const envoys = alice.cert
    .replaceAll('\n', '%0A')
    .replaceAll(' ', '%20')
    .replaceAll('+', '%2B')
    .replaceAll('=', '%3D');
  for (const text of [envoys, urlEncoded(alice.cert), alice.cert, alice.cert.trimEnd()]) {
    const { issuedMs = 0, expiresMs = 0, ...rest } = named(peer(text, 'spiffe://td.example/other'));
    assert.ok(expiresMs > issuedMs && issuedMs > 0);
    assert.deepEqual(rest, {
      thumbprint: alice.thumbprint,
      subject: 'CN=alice,O=Acme\\, Inc.,C=DE',
      uris: ['spiffe://td.example/alice'],
      dnsNames: ['alice.example'],
      emails: ['alice@example.com'],
    });
  }
});

test('a certificate without alternative names has a subject alone', async () => {
  const { cert } = await authority.issue({
    subject: [
      ['CN', 'Jürgen "J" Müller'],
      ['O', 'a+b'],
    ],
  });
  const { subject, uris, dnsNames, emails } = named(peer(cert));
  assert.deepEqual([uris, dnsNames, emails], [[], [], []]);
  assert.equal(subject, String.raw`CN=J\C3\BCrgen \"J\" M\C3\BCller,O=a\+b`);
});

test('a chain is known by its first certificate', () => {
  assert.equal(named(peer(urlEncoded(alice.cert + authority.ca))).thumbprint, alice.thumbprint);
});

test('what is no certificate is malformed', () => {
  for (const [text, problem] of [
    ['%', 'pem'],
    ['junk', 'pem'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'x509'],
    [alice.cert.replace('BEGIN', 'begin'), 'pem'],
    [` ${alice.cert}`, 'pem'],
    [alice.key, 'pem'],
    ['A'.repeat(70_000), 'length'],
  ] as const) {
    assert.equal(problemOf(peer(text)), problem);
  }
});

test('a name with a NUL, a control character, a blank or beyond ASCII makes the whole certificate malformed', async () => {
  for (const value of ['good.com\0.evil.com', 'a\nb', 'a b', 'a, DNS:admin.example', 'ü.example', '']) {
    const { cert } = await authority.issue({
      names: [
        { type: 'dns', value: 'ok.example' },
        { type: 'dns', value },
      ],
    });
    const presented = peer(cert);
    if (value.startsWith('a, ') && presented.kind === 'present') {
      assert.deepEqual(presented.certificate.dnsNames, ['ok.example', value]);
    } else {
      assert.equal(problemOf(presented), 'names', JSON.stringify(value));
    }
  }
  const { cert } = await authority.issue({ subject: [['CN', 'a\nb']] });
  assert.equal(problemOf(peer(cert)), 'subject');
});

test('names with commas and quotes are read whole', async () => {
  const value = `https://a.example/?x="1",DNS:b'\\`;
  const { cert } = await authority.issue({ names: [{ type: 'url', value }] });
  assert.deepEqual(named(peer(cert)).uris, [value]);
});

test('without the certificate the first name that Envoy tells is known alone', () => {
  const nothing = { thumbprint: undefined, subject: '', uris: [], dnsNames: [], emails: [], issuedMs: undefined };
  for (const [principal, known] of [
    ['spiffe://td.example/alice', { uris: ['spiffe://td.example/alice'] }],
    ['https://a.example/?x=y', { uris: ['https://a.example/?x=y'] }],
    ['alice.example', { dnsNames: ['alice.example'] }],
    ['CN=alice,O=Acme\\, Inc.', { subject: 'CN=alice,O=Acme\\, Inc.' }],
  ] as const) {
    assert.deepEqual(named(peer('', principal)), { ...nothing, expiresMs: undefined, ...known });
  }
  for (const principal of [
    'a b',
    'a\0b',
    'ü',
    'spiffe://td/a b',
    'a/b',
    'spiffe:',
    '=a',
    'a b=c',
    'a@b.example',
    ':a',
  ]) {
    assert.equal(problemOf(peer('', principal)), 'principal', principal);
  }
  assert.equal(peer('').kind, 'absent');
});

test('the header counts for nothing where the peer is asked, and the peer for nothing where the header is', () => {
  const headers = { 'x-forwarded-client-cert': `Cert="${urlEncoded(alice.cert)}"` };
  assert.equal(reader().read(aRequest({ headers })).kind, 'absent');
  const source = { address: '', port: 0, certificate: alice.cert, principal: 'alice.example' };
  const request = aRequest({ attributes: anAttributes({ source }) });
  assert.equal(reader({ from: 'x-forwarded-client-cert' }).read(request).kind, 'absent');
});

const elementOf = ({ hash, cert }: typeof alice): string => `Hash=${hash};Cert="${urlEncoded(cert)}"`;

test('the element of the trusted hop counts, over all lines of the header', async () => {
  const carol = await authority.issue();
  const text = [
    `${elementOf(alice)},By=spiffe://td/gw;${elementOf(bob)}`,
    `${elementOf(carol)};Subject="CN=a,O=\\"x\\""`,
  ];
  for (const [hops, { thumbprint }] of [
    [1, carol],
    [2, bob],
    [3, alice],
  ] as const) {
    assert.equal(named(xfcc(text, hops)).thumbprint, thumbprint);
  }
  assert.equal(problemOf(xfcc(text, 4)), 'hops');
  assert.equal(problemOf(xfcc(['x', elementOf(alice)])), 'header');
  assert.equal(problemOf(xfcc('')), 'header');
});

test('a header with names is refused as a whole, for a certificate may write the rest of it', async () => {
  const forged = `urn:x,By=y;${elementOf(bob)}`;
  const { cert, hash } = await authority.issue({ names: [{ type: 'url', value: forged }] });
  const envoys = `Hash=${hash};Cert="${urlEncoded(cert)}"`;
  assert.deepEqual(named(xfcc(envoys)).uris, [forged]);
  for (const key of ['URI', 'DNS', 'uri']) {
    for (const text of [
      `${envoys};${key}=${forged}`,
      `${envoys};Subject="CN=client";${key}=${forged};URI=urn:y`,
      `Hash=${hash};${key}=urn:x;Cert="${urlEncoded(bob.cert)}"`,
      // What a client sends ahead opens a quote, which its certificate closes.
      `Subject=",${envoys};${key}=",${elementOf(bob)}`,
      `${key}=spiffe://td/a,${envoys}`,
      `${key}=spiffe://td/a`,
    ]) {
      for (const hops of [1, 2]) assert.equal(problemOf(xfcc(text, hops)), 'unescaped', text);
    }
  }
});

test('a digest alone is a thumbprint in either case, and no name', () => {
  for (const hash of [alice.hash, alice.hash.toUpperCase()]) {
    assert.deepEqual(named(xfcc(`By=spiffe://td/gw;Hash=${hash};Subject="CN=alice"`)), {
      thumbprint: alice.thumbprint,
      subject: '',
      uris: [],
      dnsNames: [],
      emails: [],
      issuedMs: undefined,
      expiresMs: undefined,
    });
  }
  for (const hash of ['', 'xyz', alice.hash.slice(1), `${alice.hash}0`]) {
    assert.equal(problemOf(xfcc(`By=a;Hash=${hash}`)), 'hash');
  }
  for (const text of ['By=a', 'Subject="CN=alice"', 'Cert=""']) assert.equal(problemOf(xfcc(text)), 'hash');
});

test('what is said twice must be the same', () => {
  const [cert, other] = [urlEncoded(alice.cert), urlEncoded(bob.cert)];
  for (const text of [`Cert="${cert}"`, `Hash=${alice.hash};Cert="${cert}"`, `Chain="${cert}";Cert="${cert}"`]) {
    assert.deepEqual(named(xfcc(text)).uris, ['spiffe://td.example/alice']);
  }
  assert.equal(named(xfcc(`Chain="${urlEncoded(alice.cert + authority.ca)}"`)).thumbprint, alice.thumbprint);
  for (const text of [`Hash=${bob.hash};Cert="${cert}"`, `Chain="${other}";Cert="${cert}"`]) {
    assert.equal(problemOf(xfcc(text)), 'contradiction');
  }
  assert.equal(problemOf(xfcc(`Hash=${bob.hash};Cert="junk"`)), 'pem');
});

test('the last element is held against the peer, where Envoy shows it', () => {
  const read = (trusted_hops: number, text: string) => {
    const source = { address: '', port: 0, certificate: urlEncoded(alice.cert), principal: '' };
    const headers = { 'x-forwarded-client-cert': text };
    const { read } = reader({ from: 'x-forwarded-client-cert', trusted_hops });
    return read(aRequest({ attributes: anAttributes({ headers, source }) }));
  };
  for (const text of [elementOf(alice), `Hash=${alice.hash}`]) {
    assert.deepEqual(named(read(1, text)).dnsNames, ['alice.example']);
  }
  for (const text of [elementOf(bob), `Hash=${bob.hash}`]) assert.equal(problemOf(read(1, text)), 'contradiction');
  assert.deepEqual(named(read(2, `${elementOf(bob)},${elementOf(alice)}`)).dnsNames, ['bob.example']);
});

test('a request is read once, however many ask', () => {
  const { read } = reader({ from: 'x-forwarded-client-cert' });
  const request = aRequest({ headers: { 'x-forwarded-client-cert': 'junk' } });
  assert.equal(read(request), read(request));
  const source = { address: '', port: 0, certificate: '', principal: 'alice.example' };
  const other = aRequest({ attributes: anAttributes({ source }) });
  const asked = reader().read;
  assert.equal(asked(other), asked(other));
});

test('hops have no meaning for the peer', () => {
  assert.deepEqual(reader({ from: 'peer', trusted_hops: 2 }).issues, ['trusted_hops has no meaning with from: peer']);
  assert.deepEqual([reader().trustsHeader, reader({ from: 'peer' }).trustsHeader], [false, false]);
  assert.equal(reader({ from: 'x-forwarded-client-cert' }).trustsHeader, true);
});
