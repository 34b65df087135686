import assert from 'node:assert/strict';
import { createSecretKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { never, openTime } from '../../../test/support/authn.ts';
import { aJwtIdentity, soundClaims } from '../../../test/support/jwt.ts';
import { type RfcExample, rfcExamples, rfcForms } from '../../../test/support/rfc-examples.ts';
import { base64url, makeKey, signText } from '../../../test/support/tokens.ts';
import { isTokenAlgorithm } from '../algorithms.ts';
import { loadKeys } from '../provider-side/key-sets/jwk.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import { secretKeySet, staticKeySet } from '../provider-side/key-sets/static-set.ts';
import { signatureHolds } from './signature.ts';

function keySetOf({ key }: RfcExample): KeySet {
  if (key['k'] !== undefined) return secretKeySet(createSecretKey(key['k'], 'base64url'));
  const loaded = loadKeys({ keys: [key] });
  assert.deepEqual(loaded.leftOut, []);
  return staticKeySet(loaded.ok ? loaded.keys : undefined);
}

const optionsOf = ({ alg, key }: RfcExample): Readonly<Record<string, unknown>> => ({
  algorithms: [alg],
  ...(key['k'] === undefined
    ? { jwks: { inline: { keys: [key] } } }
    : { secret: key['k'], secret_encoding: 'base64url' }),
});

/** The signature with one bit changed. */
function forged(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

for (const example of rfcExamples) {
  const { name, alg, token, issuer, reason, key } = example;

  test(`${name}: the signature holds under its key, and no other does`, async () => {
    assert.ok(isTokenAlgorithm(alg));
    const found = await keySetOf(example).find(key['kid'], alg, never);
    assert.ok(found.kind === 'found');
    assert.equal(await signatureHolds(token, found.key, alg), true);
    assert.equal(await signatureHolds(forged(token), found.key, alg), false);
  });

  test(`${name}: as a token of today it is refused`, async () => {
    assert.equal(await aJwtIdentity({ ...optionsOf(example), issuer }).judge(token), reason);
    if (reason !== 'token_expired') return;
    const of2011 = aJwtIdentity({ ...optionsOf(example), issuer }, {}, openTime(1_300_819_379_000));
    // They name nobody as their audience.
    assert.equal(await of2011.judge(token), 'token_claims');
    assert.equal(await of2011.judge(forged(token)), 'token_signature');
  });
}

for (const [name, credential, reason] of rfcForms) {
  test(`${name}: refused whatever its keys say`, async () => {
    const key = makeKey('ES256');
    assert.equal(await aJwtIdentity({ jwks: { inline: { keys: [key.jwk] } } }).judge(credential), reason);
  });
}

test('RFC 7515 appendix B and RFC 7518 section 3.4: ES256 signatures are R and S, never DER', async () => {
  const key = makeKey('ES256');
  const { judge } = aJwtIdentity({ jwks: { inline: { keys: [key.jwk] } } });
  const input = `${base64url('{"alg":"ES256"}')}.${base64url(JSON.stringify(soundClaims))}`;
  assert.equal(await judge(`${input}.${base64url(signText(key, 'ES256', input))}`), 'pass');
  assert.equal(
    await judge(`${input}.${base64url(sign('sha256', Buffer.from(input), key.privateKey))}`),
    'token_signature',
  );
});

test('RFC 7517 A.1: a key for encryption is left out of the set', () => {
  const loaded = loadKeys({
    keys: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
        y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
        use: 'enc',
        kid: '1',
      },
      {
        kty: 'RSA',
        n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEPs2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
        e: 'AQAB',
        alg: 'RS256',
        kid: '2011-04-29',
      },
    ],
  });
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.leftOut, [{ index: 0, fault: 'use' }]);
  assert.equal(loaded.keys.find('2011-04-29', 'RS256').kind, 'found');
  assert.equal(loaded.keys.find('2011-04-29', 'PS256').kind, 'mismatch');
});

test('RFC 7517 A.3: a set of symmetric keys is refused', () => {
  const keys = [
    { kty: 'oct', alg: 'A128KW', k: 'GawgguFyGrWKav7AX4VKUg' },
    {
      kty: 'oct',
      k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      kid: 'HMAC key used in JWS spec Appendix A.1 example',
    },
  ];
  const loaded = loadKeys({ keys });
  assert.equal(loaded.ok, false);
  assert.deepEqual(
    loaded.leftOut.map(({ fault }) => fault),
    ['symmetric', 'symmetric'],
  );
});
