import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certify } from '../demo/certificate.ts';
import { firstEndMs } from './certificate-end.ts';

test('of a chain the first certificate to end counts, and what is no certificate says nothing', async () => {
  const [long, short] = await Promise.all([certify({ name: 'long', days: 90 }), certify({ name: 'short', days: 3 })]);
  const end = new X509Certificate(short.certificate).validToDate.getTime();
  assert.equal(firstEndMs(`${long.certificate}\n${short.certificate}`), end);
  assert.equal(firstEndMs(`${short.certificate}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`), end);
  assert.equal(firstEndMs('nothing'), undefined);
  assert.equal(firstEndMs(''), undefined);
});
