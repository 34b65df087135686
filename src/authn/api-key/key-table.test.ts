import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PlacedEntry, readEntry } from './entry.ts';
import { openKeyTable, packKeys } from './key-table.ts';

const hashOf = (text: string): Buffer => hash('sha256', text, 'buffer');

/** The entry of a key, as it would be read from a file. */
function entryOf(id: string, members: object = {}): PlacedEntry {
  const entry = readEntry({ id, hash: `sha256:${hashOf(id).toString('hex')}`, owner: 'acme', ...members }, assert.fail);
  assert.ok(entry);
  return { ...entry, place: 0, value: members, repeats: assert.fail };
}

test('every key is found by its hash, with all that is known of it, and no other hash is', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 300 }), (ids) => {
      const entries = ids.map((id) => entryOf(id, { owner: `${id}ä` }));
      const table = openKeyTable(packKeys(entries));
      assert.equal(table.size, ids.length);
      for (const { hash, record } of entries) assert.deepEqual(table.find(hash), record);
      assert.equal(table.find(hashOf('nobody!')), undefined);
    }),
    { numRuns: 30 },
  );
});

test('what is packed comes out as it went in', () => {
  const rich = entryOf('a', {
    roles: ['reader', 'editor'],
    scopes: ['orders:read'],
    plan: 'gold',
    expires: '2027-01-31',
    created: '2026-01-01T00:00:00Z',
    revoked: '2026-02-01',
    addresses: ['10.0.0.0/8', '2001:db8::1'],
    claims: { seats: 5, trial: false },
  });
  const found = openKeyTable(packKeys([rich])).find(rich.hash);
  assert.deepEqual({ ...found, claims: { ...found?.claims } }, { ...rich.record, claims: { ...rich.record.claims } });
});
