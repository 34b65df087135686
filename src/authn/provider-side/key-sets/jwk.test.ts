import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeKey } from '../../../../test/support/tokens.ts';
import { loadKeys } from './jwk.ts';
import { markingPrimes } from './roca.ts';

const rsa = makeKey('RS256', 'rsa').jwk;
const ec = makeKey('ES256', 'ec').jwk;
const ed = makeKey('EdDSA', 'ed').jwk;
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const p384 = makeKey('ES384').jwk;

const base64url = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};
// A number that is 1 modulo every small prime bears the mark, as a product of flawed primes does.
const primorial = markingPrimes.reduce((product, prime) => product * prime);
const roca = (() => {
  const start = 2n ** 2047n;
  const multiple = (start / primorial + 1n) * primorial + 1n;
  return base64url(multiple % 2n === 1n ? multiple : multiple + primorial);
})();

const faults: readonly (readonly [string, unknown, string])[] = [
  ['a text', 'x', 'not_an_object'],
  ['a shared secret alone is symmetric', { kty: 'AKP', kid: 'x' }, 'kty'],
  ['no kty', { kid: 'x' }, 'kty'],
  ['use enc', { ...rsa, use: 'enc' }, 'use'],
  ['use of a wrong type', { ...rsa, use: null }, 'use'],
  ['key_ops without verify', { ...rsa, key_ops: ['encrypt'] }, 'key_ops'],
  ['key_ops of a wrong type', { ...rsa, key_ops: 'verify' }, 'key_ops'],
  ['alg of another type', { ...rsa, alg: 'ES256' }, 'alg'],
  ['alg that is symmetric', { ...rsa, alg: 'HS256' }, 'alg'],
  ['alg that is for encryption', { ...rsa, alg: 'RSA-OAEP' }, 'alg'],
  ['alg that is no text', { ...rsa, alg: 1 }, 'alg'],
  ['alg of another curve', { ...p384, alg: 'ES256' }, 'alg'],
  ['curve that nobody knows', { ...ec, crv: 'secp256k1', alg: undefined }, 'crv'],
  ['X25519', { ...ed, crv: 'X25519', alg: undefined }, 'crv'],
  ['a private key', { ...ec, d: 'AAAA' }, 'private'],
  ['kid that is no text', { ...rsa, kid: 1 }, 'kid'],
  ['kid that is empty', { ...rsa, kid: '' }, 'kid'],
  ['1024 bits', { ...rsa, ...small }, 'modulus'],
  ['an even modulus', { ...rsa, n: base64url(2n ** 2048n - 2n) }, 'modulus'],
  ['10,000 bits', { ...rsa, n: base64url(2n ** 10_000n - 1n) }, 'modulus'],
  ['a flawed modulus', { ...rsa, n: roca }, 'modulus'],
  ['e = 1', { ...rsa, e: base64url(1n) }, 'exponent'],
  ['e = 3', { ...rsa, e: base64url(3n) }, 'exponent'],
  ['e even', { ...rsa, e: base64url(65_538n) }, 'exponent'],
  ['e huge', { ...rsa, e: base64url(2n ** 64n + 1n) }, 'exponent'],
  ['no n', { ...rsa, n: undefined }, 'invalid'],
  ['a point off the curve', { ...ec, y: ec['x'] }, 'invalid'],
  ['a short coordinate', { ...ec, x: 'AAAA' }, 'invalid'],
  ['a short Ed25519 key', { ...ed, x: 'AAAA' }, 'invalid'],
];

for (const [name, jwk, fault] of faults) {
  test(`left out: ${name}`, () => {
    const alone = loadKeys({ keys: [jwk] });
    assert.equal(alone.ok, false);
    assert.deepEqual(alone.leftOut, [{ index: 0, fault }]);
    const { alg, kid, ...other } = makeKey('ES512', 'other').jwk;
    const beside = loadKeys({ keys: [{ ...other, kid }, jwk] });
    assert.ok(beside.ok);
    assert.equal(beside.keys.size, 1);
    assert.equal(beside.keys.find(String(kid), 'ES512').kind, 'found', String(alg));
  });
}

test('a key takes the algorithm that it names, else those that fit it', () => {
  const { alg: _, ...open } = rsa;
  const loaded = loadKeys({ keys: [{ ...open, kid: 'open', key_ops: ['verify'] }, ec] });
  assert.ok(loaded.ok);
  assert.equal(loaded.keys.find('open', 'PS512').kind, 'found');
  assert.equal(loaded.keys.find('open', 'ES256').kind, 'mismatch');
  assert.equal(loaded.keys.find('ec', 'ES256').kind, 'found');
  assert.equal(loaded.keys.find('ec', 'RS256').kind, 'mismatch');
  assert.equal(loaded.keys.find('toString', 'ES256').kind, 'unknown');
});

test('a token without kid takes the only key that fits, and none of several', () => {
  const { kid: _, ...nameless } = ec;
  const one = loadKeys({ keys: [nameless, rsa] });
  assert.ok(one.ok);
  assert.equal(one.keys.find(undefined, 'ES256').kind, 'found');
  assert.equal(one.keys.find(undefined, 'ES384').kind, 'unknown');
  const two = loadKeys({ keys: [nameless, makeKey('ES256', 'b').jwk] });
  assert.ok(two.ok);
  assert.equal(two.keys.find(undefined, 'ES256').kind, 'unknown');
});

test('keys of one name are both left out', () => {
  const loaded = loadKeys({ keys: [ec, { ...rsa, kid: 'ec' }, ed] });
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.leftOut, [
    { index: 0, fault: 'kid_repeated' },
    { index: 1, fault: 'kid_repeated' },
  ]);
  assert.equal(loaded.keys.find('ec', 'ES256').kind, 'unknown');
});

test('an encryption key may share a name with a signing key', () => {
  const loaded = loadKeys({ keys: [{ ...ec, use: 'enc', alg: 'ECDH-ES' }, ec] });
  assert.ok(loaded.ok);
  assert.equal(loaded.keys.find('ec', 'ES256').kind, 'found');
});

test('a set is refused as a whole when it is doubtful', () => {
  const secret = { kty: 'oct', k: 'AAAA', kid: 'h' };
  const refused = (document: unknown): string => {
    const loaded = loadKeys(document);
    return loaded.ok ? 'loaded' : loaded.problem;
  };
  assert.match(refused({ keys: [ec, secret] }), /mixes/);
  assert.match(refused({ keys: [secret] }), /no key/);
  assert.match(refused({ keys: [] }), /no key/);
  assert.match(refused({ keys: Array.from({ length: 257 }, () => ec) }), /more than 256/);
  for (const document of [undefined, null, 'x', [], {}, { keys: {} }, Object.create({ keys: [ec] })]) {
    assert.match(refused(document), /no JWK set/);
  }
});

test('no document makes the loader throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.object(),
          fc.record({
            kty: fc.constantFrom('RSA', 'EC', 'OKP'),
            n: fc.string(),
            e: fc.string(),
            x: fc.anything(),
            crv: fc.constantFrom('P-256', 'Ed25519', 1),
          }),
        ),
      ),
      (keys) => {
        assert.equal(loadKeys({ keys }).ok, false);
      },
    ),
  );
});
