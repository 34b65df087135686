import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPlanting } from '../support/planting.ts';

test('the search finds a secret in every form, wherever in a text it stood', () => {
  const { plant: hide, leaksIn } = openPlanting();
  const secret = hide('it');
  for (const before of ['', 'a', 'ab', 'abc']) {
    for (const form of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      const text = Buffer.from(`${before}${secret}, and more`).toString(form);
      assert.deepEqual(leaksIn([[form, text]]), [`it in ${form}`]);
    }
  }
  assert.deepEqual(leaksIn([['elsewhere', secret.slice(1)]]), []);
});
