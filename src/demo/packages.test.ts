import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCheckout, fromCheckout } from './packages.ts';

const told = { name: 'SetupProblem', message: /runs from a checkout/ };

test('outside of a checkout one sentence says what to do', async () => {
  ensureCheckout(join(import.meta.dirname, '..', '..'));
  assert.throws(() => ensureCheckout(tmpdir()), told);
  const missing = Object.assign(new Error('no package'), { code: 'ERR_MODULE_NOT_FOUND' });
  await assert.rejects(
    fromCheckout(() => Promise.reject(missing)),
    told,
  );
  await assert.rejects(
    fromCheckout(() => Promise.reject(new RangeError('other'))),
    RangeError,
  );
  assert.equal(await fromCheckout(async () => 1), 1);
});
