import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPki, type Pki } from './pki.ts';

let folder: string;
let pki: Pki;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-pki-'));
  pki = await createPki(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

async function current() {
  const { resources } = JSON.parse(await readFile(join(folder, 'tls', 'server.yaml'), 'utf8'));
  const { certificate_chain, private_key } = resources[0].tls_certificate;
  const key = createPrivateKey(private_key.inline_string);
  return { name: resources[0].name, certificate: new X509Certificate(certificate_chain.inline_string), key };
}

test('the CA certifies itself, and only servers below it', async () => {
  const ca = new X509Certificate(await readFile(pki.caFile));
  assert.equal(ca.toString(), new X509Certificate(pki.ca).toString());
  assert.equal(ca.ca, true);
  assert.equal(ca.verify(ca.publicKey), true);
  assert.equal(ca.checkIssued(ca), true);
});

test('the server certificate is good for localhost and nothing else', async () => {
  const ca = new X509Certificate(pki.ca);
  const { name, certificate, key } = await current();
  assert.equal(name, 'server');
  assert.equal(certificate.verify(ca.publicKey), true);
  assert.equal(certificate.checkIssued(ca), true);
  assert.equal(certificate.checkPrivateKey(key), true);
  assert.equal(certificate.ca, false);
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkHost('example.com'), undefined);
  assert.ok(certificate.validFromDate.getTime() < Date.now());
  assert.ok(certificate.validToDate.getTime() > Date.now());
});

test('a rotation leaves one whole new secret, readable by the owner alone', async () => {
  const before = await current();
  const serial = await pki.rotate();
  const { certificate, key } = await current();
  assert.equal(certificate.serialNumber, serial);
  assert.notEqual(serial, before.certificate.serialNumber);
  assert.equal(certificate.checkPrivateKey(key), true);
  assert.deepEqual(await readdir(join(folder, 'tls')), ['server.yaml']);
  assert.equal((await stat(join(folder, 'tls', 'server.yaml'))).mode & 0o077, 0);
});
