import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../demo/gateway.ts';
import { checkConfig } from './offline.ts';

const policy = join(projectRoot, 'demo', 'portcullis.yaml');

test('the policy of the demo is valid in a checkout where the demo never ran', () => {
  assert.deepEqual(checkConfig(policy).issues, []);
});

test('nobody serves with what everybody can read', async () => {
  // Whoever has the session key makes sessions.
  const { PORTCULLIS_DEMO_SESSION_KEY: _, PORTCULLIS_DEMO_CLIENT_SECRET: __, ...env } = process.env;
  const serving = promisify(execFile)(process.execPath, [join(projectRoot, 'src', 'main.ts'), 'serve', policy], {
    env,
  });
  await assert.rejects(serving, ({ code, stderr }: { readonly code: number; readonly stderr: string }) => {
    assert.equal(code, 2);
    for (const name of ['placeholder.key', 'placeholder.secret', 'placeholder.token']) {
      assert.match(stderr, new RegExp(`${name}:1:1 .*is a placeholder that everybody can read`));
    }
    return true;
  });
});
