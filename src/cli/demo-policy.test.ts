import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot, stateFolder } from '../demo/gateway.ts';
import { writeLoginSecrets } from '../demo/keys.ts';
import { checkConfig } from './offline.ts';

test('the policy of the demo has no secrets but those that a start has made', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-policy-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await cp(join(projectRoot, 'demo'), join(folder, 'demo'), { recursive: true });
  const policy = join(folder, 'demo', 'portcullis.yaml');
  // A checkout where the demo never ran: nobody may seal cookies with what everybody can read.
  assert.deepEqual(
    checkConfig(policy).issues.map(({ path }) => path),
    ['identity.browser.oidc.client.secret_file', 'identity.browser.oidc.session.keys_files[0]'],
  );
  await mkdir(join(folder, stateFolder));
  await writeLoginSecrets(join(folder, stateFolder), 'the secret of the client');
  assert.deepEqual(checkConfig(policy).issues, []);
});
