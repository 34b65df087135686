import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import type { ServerMetadata } from 'openid-client';
import { createAuthority } from '../../../../test/support/certificates.ts';
import { recordIssues } from '../../../../test/support/recording-context.ts';
import { readClient } from './index.ts';

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const pem = ({ privateKey }: ReturnType<typeof rsa>): string =>
  String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const strong = { rsa: rsa(2048), p256: ec('P-256'), p521: ec('P-521'), ed25519: generateKeyPairSync('ed25519') };
const weak = rsa(1024);
const authority = await createAuthority();
const certificate = await authority.issue('gateway');
const other = await authority.issue('other');

const files = {
  'rsa.pem': pem(strong.rsa),
  'p256.pem': pem(strong.p256),
  'p521.pem': pem(strong.p521),
  'ed25519.pem': pem(strong.ed25519),
  'weak.pem': pem(weak),
  'koblitz.pem': pem(ec('secp256k1')),
  'public.pem': String(strong.rsa.publicKey.export({ type: 'spki', format: 'pem' })),
  'locked.pem': String(
    strong.rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  ),
  'cert.pem': certificate.cert,
  'cert-key.pem': certificate.key,
  'other-key.pem': other.key,
  'secret.txt': 's3cr=t &\n',
  'lines.txt': 'one\ntwo\n',
  'empty.txt': '',
};

function read(options: unknown) {
  const { context, issues } = recordIssues(files);
  return { client: readClient(options, context), issues };
}

const server: ServerMetadata = { issuer: 'https://idp.example' };

/** What the client adds to a request. */
async function proofOf(options: Readonly<Record<string, unknown>>) {
  const { client, issues } = read({ id: 'gate way', ...options });
  assert.deepEqual(issues, []);
  const [body, headers] = [new URLSearchParams(), new Headers()];
  await client.auth(server, { client_id: client.id }, body, headers);
  return { client, body: Object.fromEntries(body), authorization: headers.get('authorization') };
}

test('a secret goes into the authorization header, encoded as a form (RFC 6749 section 2.3.1)', async () => {
  const expected = `Basic ${btoa('gate+way:s3cr%3Dt+%26')}`;
  for (const options of [{ secret_file: 'secret.txt' }, { secret: 's3cr=t &', auth_method: 'client_secret_basic' }]) {
    const { authorization, body, client } = await proofOf(options);
    assert.deepEqual([authorization, body], [expected, {}]);
    assert.deepEqual([client.publishedKeys, client.certificate], [[], undefined]);
  }
});

test('a secret goes into the body where the provider wants it there', async () => {
  const { authorization, body } = await proofOf({ secret: 's', auth_method: 'client_secret_post' });
  assert.deepEqual([authorization, body], [null, { client_id: 'gate way', client_secret: 's' }]);
});

test('a private key signs assertions that its published key verifies (RFC 7523 section 3)', async () => {
  const cases = [
    ['p256.pem', 'ES256', strong.p256.publicKey, 'sha256'],
    ['p521.pem', 'ES512', strong.p521.publicKey, 'sha512'],
    ['ed25519.pem', 'EdDSA', strong.ed25519.publicKey, null],
    ['rsa.pem', 'RS256', strong.rsa.publicKey, 'sha256'],
  ] as const;
  for (const [file, alg, key, digest] of cases) {
    const { body, client } = await proofOf({ private_key_file: file });
    const [header = '', claims = '', signature = ''] = (body['client_assertion'] ?? '').split('.');
    const input = Buffer.from(`${header}.${claims}`);
    assert.ok(verify(digest, input, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')), file);
    const [jwk] = client.publishedKeys;
    assert.deepEqual(JSON.parse(atob(header)), { alg, kid: jwk?.['kid'] });
    const { iss, sub, aud, exp, iat, jti } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    assert.deepEqual([iss, sub, aud], ['gate way', 'gate way', server.issuer]);
    assert.ok(exp - iat <= 60 && jti.length > 16);
    assert.equal(body['client_assertion_type'], 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    assert.deepEqual([jwk?.['alg'], jwk?.['use'], 'd' in (jwk ?? {})], [alg, 'sig', false]);
  }
});

test('algorithm and key id may be chosen, as far as the key has a choice', async () => {
  const { body, client } = await proofOf({ private_key_file: 'rsa.pem', alg: 'PS384', kid: 'mine' });
  const header = JSON.parse(atob((body['client_assertion'] ?? '').split('.')[0] ?? ''));
  assert.deepEqual(header, { alg: 'PS384', kid: 'mine' });
  assert.deepEqual([client.publishedKeys[0]?.['alg'], client.publishedKeys[0]?.['kid']], ['PS384', 'mine']);
  for (const alg of ['ES384', 'RS256', 'HS256', 'none', 'toString']) {
    const { issues } = read({ id: 'gateway', private_key_file: 'p256.pem', alg });
    assert.deepEqual(issues, ['alg must be one that the key can sign with: ES256']);
  }
});

test('keys to come, and keys of before, are published and sign nothing', () => {
  const options = { id: 'gateway', private_key_file: 'p256.pem', published_key_files: ['rsa.pem', 'ed25519.pem'] };
  const { client, issues } = read(options);
  assert.deepEqual(issues, []);
  assert.deepEqual(
    client.publishedKeys.map((jwk) => [jwk['kty'], 'd' in jwk]),
    [
      ['EC', false],
      ['RSA', false],
      ['OKP', false],
    ],
  );
  assert.equal(client.name, read({ ...options, published_key_files: [] }).client.name);
  const twice = read({ ...options, published_key_files: ['p256.pem'] });
  assert.deepEqual(twice.issues, ['published_key_files.0 holds a key that is published already']);
});

test('a certificate proves itself on the connection, and the body says who we are (RFC 8705 section 2)', async () => {
  const { body, authorization, client } = await proofOf({ cert_file: 'cert.pem', key_file: 'cert-key.pem' });
  assert.deepEqual([body, authorization], [{ client_id: 'gate way' }, null]);
  assert.deepEqual(client.certificate, { cert: certificate.cert, key: certificate.key });
});

test('exactly one proof, and only options that mean something beside it', () => {
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [undefined, [' must be an object']],
    [{}, [' must have exactly one of secret, secret_file, private_key_file, cert_file', 'id is required']],
    [
      { id: 'a', secret: 's', secret_file: 'secret.txt' },
      [' must have exactly one of secret, secret_file, private_key_file, cert_file'],
    ],
    [
      { id: 'a', secret: 's', alg: 'ES256', key_file: 'cert-key.pem' },
      ['alg has no meaning beside secret', 'key_file has no meaning beside secret'],
    ],
    [
      { id: 'a', private_key_file: 'p256.pem', auth_method: 'client_secret_post' },
      ['auth_method has no meaning beside private_key_file'],
    ],
    [{ id: 'a\n', secret: 's' }, ['id must be visible ASCII']],
    [
      { id: 'a', secret: 's', auth_method: 'client_secret_jwt' },
      ['auth_method must be client_secret_basic or client_secret_post'],
    ],
    [{ id: 'a', cert_file: 'cert.pem' }, ['key_file is required: a certificate and its key go together']],
  ];
  for (const [options, expected] of cases) assert.deepEqual(read(options).issues, expected);
});

test('what is in the files must be good for its use', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ secret_file: 'missing' }, /^secret_file cannot read missing$/],
    [{ secret_file: 'lines.txt' }, /^secret_file must be visible ASCII on one line$/],
    [{ secret_file: 'empty.txt' }, /^secret_file must be visible ASCII on one line$/],
    [{ private_key_file: 'weak.pem' }, /^weak.pem: must be an EC key .* at least 2048 bits$/],
    [{ private_key_file: 'koblitz.pem' }, /^koblitz.pem: must be an EC key/],
    [{ private_key_file: 'public.pem' }, /^public.pem: holds no private key/],
    [{ private_key_file: 'locked.pem' }, /^locked.pem: holds no private key in PEM .* passphrase$/],
    [{ cert_file: 'rsa.pem', key_file: 'cert-key.pem' }, /^rsa.pem: holds no certificate in PEM$/],
    [{ cert_file: 'cert.pem', key_file: 'cert.pem' }, /^cert.pem: holds no private key in PEM/],
    [{ cert_file: 'cert.pem', key_file: 'other-key.pem' }, /^other-key.pem: is not the key of the certificate$/],
  ];
  for (const [options, expected] of cases) {
    const { issues } = read({ id: 'a', ...options });
    assert.equal(issues.length, 1, JSON.stringify(options));
    assert.match(issues[0] ?? '', expected);
  }
});

test('clients have one name if they are and prove the same, and the name tells nothing', () => {
  const nameOf = (options: object): string => read({ id: 'a', ...options }).client.name;
  assert.equal(nameOf({ secret: 's3cr=t &' }), nameOf({ secret_file: 'secret.txt' }));
  const different = [
    { secret: 's' },
    { secret: 't' },
    { secret: 's', auth_method: 'client_secret_post' },
    { private_key_file: 'rsa.pem' },
    { private_key_file: 'rsa.pem', alg: 'PS256' },
    { private_key_file: 'p256.pem' },
    { cert_file: 'cert.pem', key_file: 'cert-key.pem' },
  ].map(nameOf);
  assert.equal(new Set(different).size, different.length);
  assert.match(nameOf({ secret: 's' }), /^[\w-]{43}$/);
});
