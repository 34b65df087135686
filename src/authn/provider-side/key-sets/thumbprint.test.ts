import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { makeKey } from '../../../../test/support/tokens.ts';
import { thumbprintOf } from './thumbprint.ts';

test('keys of every type have the thumbprint of RFC 7638', async () => {
  for (const { publicKey } of ['RS256', 'ES384', 'EdDSA'].map((alg) => makeKey(alg))) {
    assert.equal(thumbprintOf(publicKey), await calculateJwkThumbprint(publicKey.export({ format: 'jwk' })));
  }
});

test('the example of RFC 8037 appendix A.3', () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  assert.equal(
    thumbprintOf(createPublicKey({ key: jwk, format: 'jwk' })),
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  );
});
