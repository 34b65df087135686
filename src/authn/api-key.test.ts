import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, never, openTime } from '../../test/support/authn.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aRequest } from '../../test/support/requests.ts';
import type { Identified } from '../core/identified.ts';
import { noMemberships } from '../core/principal.ts';
import type { StateStore } from '../core/state.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { fail, type Verdict } from '../core/verdict.ts';
import { hashApiKey, isApiKey } from './api-key/format.ts';
import { mintApiKey } from './api-key/mint.ts';
import { apiKey } from './api-key.ts';

const acme = mintApiKey({ owner: 'acme', roles: ['reporter'], id: 'acme1', expires: '2026-02-01' });
const stranger = mintApiKey({ owner: 'acme', roles: [], id: 'acme1' });
const time = openTime();

function build(
  options: unknown,
  keys: unknown = [{ ...acme.entry, plan: 'gold', scopes: ['reports:read'], claims: { tenant: 'a', seats: 5 } }],
) {
  const { context, issues } = recordIssues({ 'keys.yaml': JSON.stringify({ keys }) });
  return { partners: apiKey.build('partners', options, context, authnDeps(time)), issues };
}

const { partners, issues } = build({ header: 'X-Api-Key', keys_file: 'keys.yaml' });
assert.deepEqual(issues, []);
const present = async (value: string | readonly string[], authenticator = partners): Promise<Verdict<Identified>> =>
  authenticator.authenticate(aRequest({ headers: { 'x-api-key': value } }), never);
const reasonOf = (verdict: Verdict<Identified>): string => (verdict.kind === 'reject' ? verdict.reason : verdict.kind);

test('a good key is its owner, with what its entry says', async () => {
  const verdict = await present(acme.key);
  assert.ok(verdict.kind === 'pass');
  const { claims, roles, scopes, ...rest } = verdict.value.principal;
  assert.deepEqual(rest, {
    source: 'partners',
    id: 'acme',
    key: 'partners/acme',
    kind: 'api_key',
    issuer: undefined,
    credentialId: 'acme1',
    sessionId: undefined,
    issuedMs: undefined,
    expiresMs: 1769904000000,
    boundBy: undefined,
    memberships: noMemberships,
  });
  assert.deepEqual([...roles], ['reporter']);
  assert.deepEqual([...scopes], ['reports:read']);
  assert.deepEqual({ ...claims }, { owner: 'acme', plan: 'gold', tenant: 'a', seats: 5 });
  assert.equal(Object.getPrototypeOf(claims), null);
});

test('a key that is not known, not ours or not alone is refused, with a challenge and without the key', async () => {
  const last = acme.key.at(-1) === '0' ? '1' : '0';
  const cases: readonly (readonly [string | readonly string[], string])[] = [
    [stranger.key, 'api_key_unknown'],
    [`${acme.key.slice(0, -1)}${last}`, 'api_key_malformed'],
    [acme.key.slice(0, -1), 'api_key_malformed'],
    [acme.key.toUpperCase(), 'api_key_malformed'],
    [` ${acme.key}`, 'api_key_malformed'],
    [`${acme.key}\n`, 'api_key_malformed'],
    ['', 'api_key_malformed'],
    ['x'.repeat(1_000_000), 'api_key_malformed'],
    [acme.entry.hash, 'api_key_malformed'],
    [[acme.key, acme.key], 'credential_ambiguous'],
    [`${acme.key},${stranger.key}`, 'credential_ambiguous'],
  ];
  for (const [value, reason] of cases) {
    const verdict = await present(value);
    assert.equal(reasonOf(verdict), reason);
    assert.ok(verdict.kind === 'reject');
    assert.deepEqual(verdict.headers, [
      { name: 'www-authenticate', value: 'ApiKey realm="portcullis", header="x-api-key"' },
    ]);
    assert.ok(!JSON.stringify(verdict).includes(acme.key));
  }
  assert.equal((await partners.authenticate(aRequest(), never)).kind, 'abstain');
});

test('a key is good until the moment that it expires', async () => {
  const aging = openTime(Date.UTC(2026, 1, 1) - 1);
  const { context } = recordIssues({ 'keys.yaml': JSON.stringify({ keys: [acme.entry] }) });
  const authenticator = apiKey.build('partners', { keys_file: 'keys.yaml' }, context, authnDeps(aging));
  assert.equal(reasonOf(await present(acme.key, authenticator)), 'pass');
  aging.advance(1);
  assert.equal(reasonOf(await present(acme.key, authenticator)), 'api_key_expired');
});

test('what says that it is a key of ours is recognised, and may be another identity’s', () => {
  const recognises = (value: string): boolean => partners.recognises(aRequest({ headers: { 'x-api-key': value } }));
  assert.equal(recognises(acme.key), true);
  assert.equal(recognises(stranger.key), true);
  assert.equal(recognises('x'), false);
  assert.equal(partners.recognises(aRequest()), false);
});

test('a keys file tells each of its faults at its place, and never a key', () => {
  const other = mintApiKey({ owner: 'b', roles: [] }).entry;
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [{ a: 1 }, ['keys must be a list of keys']],
    [['x'], ['keys.0 must be an object']],
    [[{}], ['keys.0.id is required', 'keys.0.hash is required', 'keys.0.owner is required']],
    [
      [{ ...other, extra: 1 }],
      [
        'keys.0.extra unknown key; known are id, hash, owner, roles, scopes, expires, plan, claims, addresses, created, revoked',
      ],
    ],
    [[{ ...other, id: 'A b' }], ['keys.0.id must be 1 to 32 lower-case letters and digits']],
    [[{ ...other, owner: 'a\nb' }], ['keys.0.owner must not have control characters or blanks around it']],
    [[{ ...other, owner: 1 }], ['keys.0.owner must be a text']],
    [[{ ...other, hash: acme.key }], ['keys.0.hash must be "sha256:" and 64 hexadecimal digits or 43 of base64url']],
    [
      [{ ...other, roles: ['a', ''] }],
      ['keys.0.roles.1 must be a text of 1 to 256 characters without control characters'],
    ],
    [[{ ...other, roles: 'a' }], ['keys.0.roles must be a list of texts']],
    [
      [{ ...other, expires: '2027-02-30' }],
      ['keys.0.expires must be a date like "2027-01-31" or a time like "2027-01-31T12:00:00Z"'],
    ],
    [[{ ...other, plan: 'a\tb' }], ['keys.0.plan must not have control characters']],
    [[{ ...other, claims: [] }], ['keys.0.claims must be an object']],
    [[{ ...other, claims: { owner: 'x' } }], ['keys.0.claims.owner is said by the entry itself']],
    [[{ ...other, claims: { x: { y: 1 } } }], ['keys.0.claims.x must be a plain text, a number, true or false']],
    [
      [other, { ...other, owner: 'c' }],
      ['keys.1.id is that of the entry at index 0 too', 'keys.1.hash is that of the entry at index 0 too'],
    ],
    [
      [{}, null],
      ['keys.0.id is required', 'keys.0.hash is required', 'keys.0.owner is required', 'keys.1 must be an object'],
    ],
    [[], []],
  ];
  for (const [keys, wanted] of cases) {
    const { issues } = build({ keys_file: 'keys.yaml' }, keys);
    assert.deepEqual(
      issues,
      wanted.map((issue) => `keys.yaml:${issue}`),
    );
  }
});

test('the same key is the same in hexadecimal digits and in base64url', async () => {
  const hash = `sha256:${hashApiKey(acme.key).toString('base64url')}`;
  const { partners, issues } = build({ keys_file: 'keys.yaml' }, [{ ...acme.entry, hash }]);
  assert.deepEqual(issues, []);
  assert.equal(reasonOf(await present(acme.key, partners)), 'pass');
  assert.match(
    build({ keys_file: 'keys.yaml' }, [acme.entry, { ...acme.entry, id: 'b', hash }]).issues.join(),
    /keys\.1\.hash is that/,
  );
});

test('options are told where they are wrong', () => {
  const issuesOf = (options: unknown): readonly string[] => build(options).issues;
  assert.deepEqual(issuesOf({}), ['keys_file is required, or store: shared']);
  assert.deepEqual(issuesOf('x'), [' must be an object', 'keys_file is required, or store: shared']);
  assert.deepEqual(issuesOf({ keys_file: 'none.yaml' }), ['keys_file cannot read none.yaml']);
  for (const header of ['authorization', 'Cookie', 'host', ':path', 'x api', 'x_api', '']) {
    assert.equal(issuesOf({ header, keys_file: 'keys.yaml' }).length, 1, header);
  }
});

test('a file that is no object at all is told once', () => {
  const { context, issues } = recordIssues({ 'keys.yaml': '[]' });
  apiKey.build('partners', { keys_file: 'keys.yaml' }, context, authnDeps(time));
  assert.deepEqual(issues, ['keys.yaml: must be an object']);
});

test('a minted key has 256 random bits, its check, and an entry that holds no key', () => {
  const { key, entry } = mintApiKey({ owner: 'acme', roles: ['a'] });
  assert.match(key, /^pck_[0-9a-f]{10}_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/);
  assert.ok(isApiKey(key));
  assert.deepEqual(Object.keys(entry), ['id', 'hash', 'owner', 'roles']);
  assert.equal(entry.hash, `sha256:${hashApiKey(key).toString('hex')}`);
  assert.notEqual(mintApiKey({ owner: 'acme', roles: [] }).key, key);
  assert.equal(acme.entry.expires, '2026-02-01');
});

test('what no keys file would take is not minted', () => {
  const wrong = [{ id: 'A' }, { owner: '' }, { owner: ' a' }, { roles: [''] }, { expires: 'soon' }];
  for (const change of wrong) assert.throws(() => mintApiKey({ owner: 'a', roles: [], ...change }), RangeError);
});

test('a key that was taken back, or comes from elsewhere, is refused', async () => {
  const from = async (members: object, clientAddress: string) => {
    const { partners, issues } = build({ keys_file: 'keys.yaml' }, [{ ...acme.entry, ...members }]);
    assert.deepEqual(issues, []);
    return partners.authenticate(aRequest({ headers: { 'x-api-key': acme.key }, clientAddress }), never);
  };
  // Also when the clock of whoever took it back was ahead of ours.
  for (const revoked of ['2026-01-01', '2099-01-01']) {
    assert.equal(reasonOf(await from({ revoked }, '10.1.2.3')), 'api_key_revoked');
  }
  const addresses = ['10.0.0.0/8', '2001:db8::/32'];
  for (const [address, wanted] of [
    ['10.1.2.3', 'pass'],
    ['2001:db8::7', 'pass'],
    ['11.1.2.3', 'api_key_address'],
    ['', 'api_key_address'],
  ] as const) {
    assert.equal(reasonOf(await from({ addresses }, address)), wanted, address);
  }
  const verdict = await from({ created: '2026-01-02T03:04:05Z' }, '');
  assert.ok(verdict.kind === 'pass');
  assert.equal(verdict.value.principal.issuedMs, Date.UTC(2026, 0, 2, 3, 4, 5));
});

test('addresses are prefixes, and at least one', () => {
  const issuesOf = (addresses: unknown) => build({ keys_file: 'keys.yaml' }, [{ ...acme.entry, addresses }]).issues;
  assert.deepEqual(issuesOf([]), ['keys.yaml:keys.0.addresses must hold 1 to 64 addresses or prefixes']);
  assert.deepEqual(issuesOf('10.0.0.1'), [
    'keys.yaml:keys.0.addresses must be a list of texts',
    'keys.yaml:keys.0.addresses must hold 1 to 64 addresses or prefixes',
  ]);
  assert.match(
    issuesOf(['10.0.0.1/8']).join(),
    /^keys\.yaml:keys\.0\.addresses\.0 "10\.0\.0\.1\/8" is not an IP address/,
  );
});

test('keys of the shared store are looked up there, unless the checksum says that it would be in vain', async () => {
  const deps = authnDeps(time);
  const asked: string[] = [];
  const state: StateStore = {
    ...deps.state,
    shared: true,
    table: (name) => {
      const table = deps.state.table(name);
      return {
        ...table,
        get: (id) => {
          asked.push(`${name} ${id}`);
          return table.get(id);
        },
      };
    },
  };
  const { context, issues } = recordIssues();
  const shared = apiKey.build('partners', { store: 'shared' }, context, { ...deps, state });
  assert.deepEqual(issues, []);
  const id = hashApiKey(acme.key).toString('base64url');
  await deps.state.table('api-keys/partners').put(id, JSON.stringify(acme.entry));
  assert.equal(reasonOf(await present(acme.key, shared)), 'pass');
  assert.deepEqual(asked, [`api-keys/partners ${id}`]);
  for (const typo of [acme.key.slice(0, -1), `${acme.key.slice(0, -8)}00000000`, 'x']) {
    assert.equal(reasonOf(await present(typo, shared)), 'api_key_malformed');
  }
  assert.equal(asked.length, 1);
});

test('a store that is away is our failure', async () => {
  const deps = authnDeps(time);
  const table = { ...deps.state.table('x'), get: () => Promise.reject(new StoreUnavailable('away')) };
  const state = { ...deps.state, shared: true, table: () => table };
  const { context } = recordIssues();
  const shared = apiKey.build('partners', { store: 'shared' }, context, { ...deps, state });
  const verdict = await present(acme.key, shared);
  assert.deepEqual(verdict, fail('key_store_unavailable', { identity: 'partners', problem: 'store' }));
});

test('keys have one store, and the shared one is Redis', () => {
  const issuesOf = (options: object): readonly string[] => build(options).issues;
  const both = { keys_file: 'keys.yaml', store: 'shared' };
  assert.deepEqual(issuesOf(both), ['store stands beside "keys_file": keys have one store']);
  assert.deepEqual(issuesOf({ store: 'shared' }), ['store needs redis.url: the keys are kept there']);
  assert.deepEqual(issuesOf({ store: 'redis' }), ['store must be shared']);
  assert.deepEqual(issuesOf({ keys_file: 'keys.yaml', stale_if_error: '5m' }), [
    'stale_if_error goes with store: shared',
  ]);
});

test('a file that is read by the next plan too is as good there, and tells its issues again', async () => {
  const deps = authnDeps(time);
  const load = (text: string) => {
    const { context, issues } = recordIssues({ 'keys.ndjson': text });
    return { keys: apiKey.build('partners', { keys_file: 'keys.ndjson' }, context, deps), issues };
  };
  const line = JSON.stringify(acme.entry);
  const plans = [load(line), load(line)];
  for (const { keys } of plans) assert.equal(reasonOf(await present(acme.key, keys)), 'pass');
  assert.equal(reasonOf(await present(acme.key, load('').keys)), 'api_key_unknown');
  for (let round = 0; round < 2; round += 1) assert.equal(load('{}').issues.length, 3);
});
