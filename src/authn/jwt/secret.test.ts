import assert from 'node:assert/strict';
import { createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { aJwtIdentity, soundClaims } from '../../../test/support/jwt.ts';
import { base64url, jwksOf, makeKey, signToken } from '../../../test/support/tokens.ts';

const secret = 'x'.repeat(63);
const bytes = randomBytes(64);

function hmac(key: string | Uint8Array, alg: string, header: object = {}): string {
  const input = `${base64url(JSON.stringify({ alg, ...header }))}.${base64url(JSON.stringify(soundClaims))}`;
  return `${input}.${createHmac(`sha${alg.slice(2)}`, key)
    .update(input)
    .digest('base64url')}`;
}
const issuesOf = (options: Readonly<Record<string, unknown>>, files?: Readonly<Record<string, string>>): string =>
  aJwtIdentity(options, files).issues.join('\n');

test('tokens under a shared secret are taken with the algorithms that are listed', async () => {
  const { issues, judge } = aJwtIdentity({ algorithms: ['HS256', 'HS384'], secret });
  assert.deepEqual(issues, []);
  assert.equal(await judge(hmac(secret, 'HS256')), 'pass');
  assert.equal(await judge(hmac(secret, 'HS384', { kid: 'any', typ: 'JWT' })), 'pass');
  assert.equal(await judge(hmac(secret, 'HS512')), 'token_algorithm');
  assert.equal(await judge(hmac(`${secret}x`, 'HS256')), 'token_signature');
  assert.equal(await judge(hmac('', 'HS256')), 'token_signature');
  assert.equal(await judge(hmac(secret, 'HS256', { crit: ['exp'] })), 'token_malformed');
  const ec = makeKey('ES256');
  assert.equal(await judge(signToken(ec, soundClaims)), 'token_algorithm');
  assert.equal(await judge(signToken(ec, soundClaims, { jwk: ec.jwk, alg: 'HS256' })), 'token_signature');
});

test('a secret is read from a file, and from base64 where that is said', async () => {
  const text = aJwtIdentity({ algorithms: ['HS256'], secret_file: 's' }, { s: `${secret}\r\n` });
  assert.equal(await text.judge(hmac(secret, 'HS256')), 'pass');
  for (const encoding of ['base64', 'base64url'] as const) {
    const files = { s: `${bytes.toString(encoding)}\n` };
    const { issues, judge } = aJwtIdentity(
      { algorithms: ['HS512'], secret_file: 's', secret_encoding: encoding },
      files,
    );
    assert.deepEqual(issues, []);
    assert.equal(await judge(hmac(bytes, 'HS512')), 'pass');
  }
});

test('a secret has the length that its strongest algorithm demands (RFC 7518 section 3.2)', () => {
  const lengths = [
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const;
  for (const [alg, length] of lengths) {
    assert.equal(issuesOf({ algorithms: [alg], secret: 'x'.repeat(length) }), '');
    const short = { algorithms: ['HS256', alg], secret: 'x'.repeat(length - 1) };
    assert.equal(issuesOf(short), `secret must have at least ${length} bytes for its algorithms, has ${length - 1}`);
  }
  // Characters are not bytes.
  assert.equal(issuesOf({ algorithms: ['HS256'], secret: 'é'.repeat(16) }), '');
});

test('a secret never stands beside a key set, nor an algorithm of one class beside the other', () => {
  const jwks = { inline: jwksOf(makeKey('RS256')) };
  assert.match(issuesOf({ algorithms: ['HS256'], jwks }), /^algorithms\.0 HS256 is symmetric/);
  assert.match(
    issuesOf({ algorithms: ['HS256'], jwks, secret }),
    /^jwks must not stand beside a secret.*\nalgorithms\.0 HS256 is symmetric/,
  );
  assert.match(issuesOf({ algorithms: ['HS256', 'RS256'], secret }), /^algorithms\.1 RS256 is asymmetric/);
  assert.match(issuesOf({ algorithms: ['HS256', 'none'], secret }), /^algorithms\.1 an unsigned token/);
  assert.match(issuesOf({ algorithms: ['HS256'] }), /^jwks is required/);
  assert.match(
    issuesOf({ algorithms: ['HS256'], secret, secret_file: 's' }, { s: secret }),
    /^secret_file must not stand/,
  );
});

test('what is no secret is refused, and no issue repeats it', () => {
  const pem = createPublicKey(makeKey('RS256').privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const refused = [
    [{ secret: pem }, /^secret is a key or certificate/],
    [{ secret: `\n ${pem}` }, /^secret is a key or certificate/],
    [{ secret: Buffer.from(pem).toString('base64'), secret_encoding: 'base64' }, /^secret is a key or certificate/],
    [{ secret: `${secret}\ufffd` }, /^secret is not in the encoding/],
    [{ secret: `${secret}!`, secret_encoding: 'base64' }, /^secret is not in the encoding/],
    [{ secret, secret_encoding: 'hex' }, /^secret_encoding must be one of text, base64, base64url/],
    [{ secret_file: 'none' }, /^secret_file cannot read none/],
    [{ secret_file: 'empty' }, /^secret_file is empty/],
  ] as const;
  for (const [options, issue] of refused) {
    const said = issuesOf({ algorithms: ['HS256'], ...options }, { empty: '\n' });
    assert.match(said, issue);
    assert.ok(!said.includes(secret) && !said.includes('BEGIN'), said);
  }
});

test('without a sound secret nobody gets in', async () => {
  const { judge } = aJwtIdentity({ algorithms: ['HS256'], secret: 'short' });
  assert.equal(await judge(hmac('short', 'HS256')), 'key_set_unavailable');
});
