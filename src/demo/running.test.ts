import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { createDemoKey } from './keys.ts';
import { demoFolder, ensureNoneRuns, keyOfRunning, noteRunning, noteStopped, tokenOfRunning } from './running.ts';

let folder: string;
let idp: IdentityProvider;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-running-'));
  idp = await startIdentityProvider(0);
});
after(async () => {
  await idp?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the state is in .demo, or where the environment says', () => {
  assert.equal(demoFolder({ PORTCULLIS_DEMO_DIR: '/some/where' }), '/some/where');
  assert.equal(demoFolder({}), join(import.meta.dirname, '..', '..', '.demo'));
});

test('a demo that does not run gives nothing', async () => {
  await assert.rejects(tokenOfRunning(folder, 'alice'), /not running/);
  await assert.rejects(keyOfRunning(folder), /not running/);
  await ensureNoneRuns(folder);
});

test('a demo that runs gives tokens and its key', async () => {
  const key = await createDemoKey(folder);
  await noteRunning(folder, idp);
  assert.match(await tokenOfRunning(folder, 'carol'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(await keyOfRunning(folder), key);
  await assert.rejects(tokenOfRunning(folder, 'mallory'), /no account "mallory".*alice, bob, carol/);
  await assert.rejects(ensureNoneRuns(folder), new RegExp(`process ${process.pid}.*PORTCULLIS_DEMO_DIR`));
  await noteStopped(folder);
  await assert.rejects(tokenOfRunning(folder, 'carol'), /not running/);
});

test('the note of one that died without a word counts for nothing', async () => {
  const note = join(folder, 'running.json');
  for (const text of [JSON.stringify({ pid: 2 ** 30, issuer: idp.issuer, clientSecret: '' }), '{}', 'null', '']) {
    await writeFile(note, text);
    await assert.rejects(keyOfRunning(folder), /not running/);
    await ensureNoneRuns(folder);
  }
});
