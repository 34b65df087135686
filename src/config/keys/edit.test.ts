import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyWords, mintApiKey } from '../../authn/index.ts';
import { putKeys as put, readKeysText } from './edit.ts';

const made = (id: string): KeyWords => mintApiKey({ owner: 'acme', roles: ['a', 'b'], id }).entry;
const putKeys = (file: string, text: string | undefined, puts: readonly KeyWords[]): string =>
  put(file, text, readKeysText(file, text ?? ''), puts);
const [a, b, c] = [made('a'), made('b'), made('c')];
const yaml = `# Our partners.
keys:
- id: a # the first
  hash: ${a.hash}
  owner: acme

  roles: [a, b]   # as agreed
# The second.
- { id: b, hash: "${b.hash}", owner: acme, roles: [a, b] }
`;

test('an entry is added and another one changed, and all else stays as it is written', () => {
  const after = putKeys('keys.yaml', yaml, [{ ...b, revoked: '2026-01-01' }, { ...a, expires: '2027-01-31' }, c]);
  assert.equal(
    after,
    `# Our partners.
keys:
- id: a # the first
  hash: ${a.hash}
  owner: acme

  roles: [ a, b ] # as agreed
  expires: 2027-01-31
# The second.
- { id: b, hash: "${b.hash}", owner: acme, roles: [ a, b ], revoked: 2026-01-01 }
- id: c
  hash: ${c.hash}
  owner: acme
  roles: [ a, b ]
`,
  );
});

test('files of every kind take entries, and are there afterwards', () => {
  for (const [file, text] of [
    ['keys.yaml', undefined],
    ['keys.yaml', 'keys: []\n'],
    ['keys.yaml', 'keys: [] # none yet'],
    ['keys.json', '{"keys":[]}'],
    ['keys.ndjson', undefined],
    ['keys.ndjson', ''],
  ] as const) {
    const one = putKeys(file, text, [a, b]);
    const two = putKeys(file, one, [{ ...a, owner: 'yes: [' }, c]);
    const { keys, issues } = readKeysText(file, two);
    assert.deepEqual(issues, [], file);
    assert.deepEqual(JSON.parse(JSON.stringify([...keys.values()])), [{ ...a, owner: 'yes: [' }, b, c], file);
    if (file === 'keys.json') assert.deepEqual(JSON.parse(two).keys.length, 3);
    if (file === 'keys.ndjson') assert.equal(two.split('\n').length, 4);
  }
});

test('lines that are not changed stay, blank ones and the last without its end too', () => {
  const text = `${JSON.stringify(a)}\n\n  ${JSON.stringify(b)}`;
  assert.equal(
    putKeys('k.jsonl', text, [{ ...a, plan: 'gold' }]),
    `${JSON.stringify({ ...a, plan: 'gold' })}\n\n  ${JSON.stringify(b)}\n`,
  );
});

test('what a program cannot edit without harm is left to people', () => {
  const text = `keys:\n- &a { id: a, hash: "${a.hash}", owner: &o acme }\n- { id: b, hash: "${b.hash}", owner: *o }\n`;
  assert.throws(() => putKeys('keys.yaml', text, [{ ...a, owner: 'x' }]), RangeError);
});

test('issues are told with their place', () => {
  const { keys, issues } = readKeysText('keys.yaml', 'keys:\n- id: a\n');
  assert.deepEqual([...keys.values()], []);
  assert.deepEqual(
    issues.map(({ file, path, message }) => [file, path, message]),
    [
      ['keys.yaml', 'keys[0].hash', 'is required'],
      ['keys.yaml', 'keys[0].owner', 'is required'],
    ],
  );
});
