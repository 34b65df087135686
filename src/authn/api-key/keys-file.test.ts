import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../../test/support/recording-context.ts';
import type { PlacedEntry } from './entry.ts';
import { packKeys } from './key-table.ts';
import { readKeysFile } from './keys-file.ts';
import { mintApiKey } from './mint.ts';

const [a, b] = [
  mintApiKey({ owner: 'acme', roles: [], id: 'a' }).entry,
  mintApiKey({ owner: 'b', roles: ['r'] }).entry,
];
const line = (entry: object): string => JSON.stringify(entry);

function read(text: string, name = 'keys.ndjson') {
  const { context, issues } = recordIssues({ [name]: text });
  const file = context.file(name);
  assert.ok(file);
  const ids: string[] = [];
  const noting = function* (): Generator<PlacedEntry> {
    for (const entry of readKeysFile(file)) {
      ids.push(entry.record.id);
      yield entry;
    }
  };
  packKeys(noting());
  return { ids, issues };
}

test('a file may hold an entry a line, blank lines left out', () => {
  assert.deepEqual(read(`${line(a)}\n\n${line(b)}\r\n`), { ids: ['a', b.id], issues: [] });
  assert.deepEqual(read(`${line(a)}\n${line(b)}`, 'KEYS.JSONL').ids, ['a', b.id]);
  assert.deepEqual(read(''), { ids: [], issues: [] });
});

test('what is wrong is told at its line', () => {
  const text = [
    '{"id":',
    '[]',
    line({ ...a, expires: 'soon' }),
    line({ ...a, hash: b.hash }),
    line(b),
    '{"id":"x","id":"y"}',
    line({ ...b, id: 'long', claims: { x: 'y'.repeat(70_000) } }),
  ].join('\n');
  assert.deepEqual(read(text).issues, [
    'keys.ndjson:1 is no strict JSON on one line: syntax',
    'keys.ndjson:2 must be an object',
    'keys.ndjson:3 expires must be a date like "2027-01-31" or a time like "2027-01-31T12:00:00Z"',
    'keys.ndjson:4 id is that of line 3 too',
    'keys.ndjson:5 hash is that of line 4 too',
    'keys.ndjson:6 is no strict JSON on one line: duplicate_member',
    'keys.ndjson:7 is no strict JSON on one line: too_large',
  ]);
});

test('a file that is something else is not told line by line', () => {
  const { issues } = read('x\n'.repeat(1000));
  assert.equal(issues.length, 51);
  assert.match(issues.at(-1) ?? '', /^keys\.ndjson:50 the lines after this one were not looked at/);
});
