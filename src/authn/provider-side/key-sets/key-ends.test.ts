import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certify } from '../../../demo/certificate.ts';
import { loadKeys } from './jwk.ts';
import { lastEndMs } from './key-ends.ts';

test('the last end counts, where every key tells of its own', async () => {
  const { certificate } = await certify({ name: 'issuer', days: 30 });
  const { raw, validToDate } = new X509Certificate(certificate);
  const certified = { x5c: [raw.toString('base64')] };
  assert.equal(lastEndMs([certified]), validToDate.getTime());
  assert.equal(lastEndMs([certified, { exp: 1 }]), validToDate.getTime());
  assert.equal(lastEndMs([{ exp: 7 }, { exp: 1 }]), 7000);
  assert.equal(lastEndMs([certified, {}]), undefined);
  for (const strange of [{ x5c: ['nothing'] }, { x5c: 7 }, { x5c: [] }, { exp: 'soon' }, 'key', null]) {
    assert.equal(lastEndMs([strange]), undefined);
  }
  assert.equal(lastEndMs([]), undefined);
});

test('keys that are left out of a set say nothing of its end', () => {
  const key = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), exp: 7 };
  const loaded = loadKeys({ keys: [key, { kty: 'oct?', exp: 9 }] });
  assert.equal(loaded.ok && loaded.endsMs(), 7000);
});
