import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authnDeps, never, noRevocations, openTime } from '../../test/support/authn.ts';
import { aBan, openBansOf, principal } from '../../test/support/bans.ts';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import { jwksOf, makeKey, signToken } from '../../test/support/tokens.ts';
import type { Identified } from '../core/identified.ts';
import { passWith, type Verdict } from '../core/verdict.ts';
import { mintApiKey } from './api-key/mint.ts';
import { type Authenticator, authenticators, identifySteps, standIn } from './index.ts';

const time = openTime();
const now = time.clock.nowMs() / 1000;
const [usersKey, staffKey] = [makeKey('ES256', 'k'), makeKey('ES256', 'k')];
const [partner, machine] = [
  mintApiKey({ owner: 'acme', roles: [], id: 'p' }),
  mintApiKey({ owner: 'press', roles: [], id: 'm' }),
];

function known(): ReadonlyMap<string, Authenticator> {
  const { context, issues } = recordIssues({
    'partners.yaml': JSON.stringify({ keys: [partner.entry] }),
    'machines.yaml': JSON.stringify({ keys: [machine.entry] }),
  });
  const deps = authnDeps(time);
  const jwt = (id: string, issuer: string, key = usersKey, audience = ['orders']): Authenticator =>
    authenticators.jwt.build(
      id,
      { issuer, audience, algorithms: ['ES256'], jwks: { inline: jwksOf(key) } },
      context,
      deps,
    );
  const apiKey = (id: string, header: string): Authenticator =>
    authenticators.api_key.build(id, { header, keys_file: `${id}.yaml` }, context, deps);
  const list = [
    jwt('users', 'https://users.example'),
    jwt('staff', 'https://staff.example', staffKey),
    jwt('twins', 'https://users.example', usersKey, ['billing']),
    apiKey('partners', 'x-api-key'),
    apiKey('machines', 'x-api-key'),
  ];
  assert.deepEqual(issues, []);
  return new Map(list.map((one) => [one.id, one]));
}

const all = known();
const asked = (id: string): Authenticator => all.get(id) ?? assert.fail(id);
const token = (issuer: string, key = usersKey, claims: object = {}): string =>
  `Bearer ${signToken(key, { iss: `https://${issuer}.example`, sub: 'alice', aud: 'orders', exp: now + 60, ...claims })}`;
const good = { authorization: token('users') };
const expired = { authorization: token('users', usersKey, { exp: now - 60 }) };
const partnerKey = { 'x-api-key': partner.key };
const machineKey = { 'x-api-key': machine.key };
const strangerKey = { 'x-api-key': mintApiKey({ owner: 'x', roles: [] }).key };
const badKey = { 'x-api-key': 'x' };

async function run(
  selection: unknown,
  headers: Readonly<Record<string, string | readonly string[]>>,
  { optional = false, signal = never } = {},
): Promise<Verdict<Identified>> {
  const { context, issues } = recordIssues();
  const { identify } = identifySteps({ selection, optional, authenticators: all, revocations: noRevocations, context });
  assert.deepEqual(issues, []);
  return identify(aSubject({ request: { headers } }), signal);
}

const told = (verdict: Verdict<Identified>): string => {
  switch (verdict.kind) {
    case 'pass':
      return verdict.value.principal.key;
    case 'abstain':
      return 'abstain';
    default:
      return verdict.reason;
  }
};

const both = ['users', 'partners'];
const cases: readonly (readonly [string, unknown, Record<string, string | readonly string[]>, string, string])[] = [
  ['a token alone', both, good, 'users/alice', 'users/alice'],
  ['a key alone', both, partnerKey, 'partners/acme', 'partners/acme'],
  ['a key of the second at the same place', ['partners', 'machines'], machineKey, 'machines/press', 'machines/press'],
  ['a key of neither', ['machines', 'partners'], strangerKey, 'api_key_unknown', 'api_key_unknown'],
  ['nothing', both, {}, 'credential_missing', 'abstain'],
  ['both are too many', both, { ...good, ...partnerKey }, 'credential_ambiguous', 'credential_ambiguous'],
  ['both are too many, however bad', both, { ...expired, ...badKey }, 'credential_ambiguous', 'credential_ambiguous'],
  ['a bad token', both, expired, 'token_expired', 'token_expired'],
  ['a bad key', both, badKey, 'api_key_malformed', 'api_key_malformed'],
  ['another scheme', both, { authorization: 'Basic YTpi' }, 'credential_malformed', 'credential_malformed'],
  [
    'another scheme and a key',
    both,
    { authorization: 'Basic YTpi', ...partnerKey },
    'credential_ambiguous',
    'credential_ambiguous',
  ],
  [
    'another scheme where no token is accepted',
    ['partners'],
    { authorization: 'Basic YTpi', ...partnerKey },
    'partners/acme',
    'partners/acme',
  ],
  [
    'two Authorization headers',
    both,
    { authorization: [token('users'), token('users')] },
    'credential_ambiguous',
    'credential_ambiguous',
  ],
  ['a token of the first issuer', ['users', 'staff'], good, 'users/alice', 'users/alice'],
  [
    'a token of the second issuer',
    ['users', 'staff'],
    { authorization: token('staff', staffKey) },
    'staff/alice',
    'staff/alice',
  ],
  [
    'a token that lies about its issuer',
    ['users', 'staff'],
    { authorization: token('staff') },
    'token_signature',
    'token_signature',
  ],
  ['a token of no issuer', ['users', 'staff'], { authorization: token('other') }, 'token_issuer', 'token_issuer'],
  ['no token at all', ['users', 'staff'], { authorization: 'Bearer x' }, 'token_malformed', 'token_malformed'],
  [
    'a key of the second file',
    ['partners', 'machines'],
    { 'x-api-key': machine.key },
    'machines/press',
    'machines/press',
  ],
  [
    'a key of no file',
    ['partners', 'machines'],
    { 'x-api-key': mintApiKey({ owner: 'a', roles: [] }).key },
    'api_key_unknown',
    'api_key_unknown',
  ],
  ['the first of both', { first_of: both }, { ...good, ...partnerKey }, 'users/alice', 'users/alice'],
  [
    'the first of both, the other way',
    { first_of: ['partners', 'users'] },
    { ...good, ...partnerKey },
    'partners/acme',
    'partners/acme',
  ],
  ['the only one of two', { first_of: both }, partnerKey, 'partners/acme', 'partners/acme'],
  ['a bad first', { first_of: both }, { ...expired, ...partnerKey }, 'token_expired', 'token_expired'],
  ['a bad second that is not looked at', { first_of: both }, { ...good, ...badKey }, 'users/alice', 'users/alice'],
  ['none of two in order', { first_of: both }, {}, 'credential_missing', 'abstain'],
  ['all', { all_of: both }, { ...good, ...partnerKey }, 'users/alice', 'users/alice'],
  [
    'all, the other way',
    { all_of: ['partners', 'users'] },
    { ...good, ...partnerKey },
    'partners/acme',
    'partners/acme',
  ],
  ['all but one', { all_of: both }, good, 'credential_missing', 'credential_missing'],
  ['all, one bad', { all_of: both }, { ...good, ...badKey }, 'api_key_malformed', 'api_key_malformed'],
  ['one bad, the others missing', { all_of: both }, badKey, 'api_key_malformed', 'api_key_malformed'],
  ['none of all', { all_of: both }, {}, 'credential_missing', 'abstain'],
];

for (const [name, selection, headers, demanded, optional] of cases) {
  test(`${name}: ${demanded}`, async () => {
    assert.equal(told(await run(selection, headers)), demanded);
    assert.equal(told(await run(selection, headers, { optional: true })), optional);
  });
}

test('who shows nothing is told of everything that is accepted, each scheme once', async () => {
  const headersOf = async (selection: unknown, headers = {}): Promise<unknown> => {
    const verdict = await run(selection, headers);
    return verdict.kind === 'reject' ? verdict.headers : verdict.kind;
  };
  const [bearer, key] = ['Bearer realm="portcullis"', 'ApiKey realm="portcullis", header="x-api-key"'];
  const field = (value: string): unknown => [{ name: 'www-authenticate', value }];
  assert.deepEqual(await headersOf(['users', 'staff', 'partners']), field(`${bearer}, ${key}`));
  assert.deepEqual(await headersOf({ all_of: both }, good), field(key));
  assert.deepEqual(
    await headersOf(both, { ...good, ...partnerKey }),
    field(`${bearer}, error="invalid_request", ${key}`),
  );
});

test('the detail says which identities took part', async () => {
  assert.deepEqual((await run({ all_of: both }, { ...good, ...partnerKey })).detail, {
    identity: 'users',
    also: ['partners'],
  });
  assert.deepEqual((await run(both, {})).detail, { accepted: both });
  assert.deepEqual((await run(['users'], expired)).detail, {
    identity: 'users',
    claim: 'exp',
    ended: new Date((now - 60) * 1000).toISOString(),
  });
});

test('what the earlier of all renewed reaches the caller, whatever becomes of the later ones', async () => {
  const cookie = { name: 'set-cookie', value: 'session=new' };
  const person: Authenticator = {
    ...standIn('people'),
    present: () => true,
    authenticate: async (request, signal) => {
      const verdict = await asked('users').authenticate(request, signal);
      return verdict.kind === 'pass' ? passWith({ ...verdict.value, response: [cookie] }, verdict.detail) : verdict;
    },
  };
  const authenticators = new Map([...all, ['people', person]]);
  const headersOf = async (headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const { context } = recordIssues();
    const selection = { all_of: ['people', 'partners'] };
    const options = { selection, optional: false, authenticators, revocations: noRevocations, context };
    const verdict = await identifySteps(options).identify(aSubject({ request: { headers } }), never);
    if (verdict.kind === 'pass') return verdict.value.response;
    return verdict.kind === 'abstain' ? [] : (verdict.headers ?? []);
  };
  const challenge = { name: 'www-authenticate', value: 'ApiKey realm="portcullis", header="x-api-key"' };
  assert.deepEqual(await headersOf({ ...good, ...partnerKey }), [cookie]);
  assert.deepEqual(await headersOf({ ...good, ...strangerKey }), [challenge, cookie]);
  assert.deepEqual(await headersOf(good), [challenge, cookie], 'the later one is missing');
  assert.deepEqual(await headersOf({ ...expired, ...partnerKey }).then((told) => told.includes(cookie)), false);
});

test('what comes too late is a failure, credential or not', async () => {
  const signal = AbortSignal.abort();
  for (const headers of [{}, good, expired]) {
    assert.equal(told(await run(both, headers, { optional: true, signal })), 'deadline_exceeded');
  }
});

test('a selection that says nothing sound is told of at load', () => {
  const issuesOf = (selection: unknown): readonly string[] => {
    const { context, issues } = recordIssues();
    identifySteps({ selection, optional: false, authenticators: all, revocations: noRevocations, context });
    return issues;
  };
  const shape = ' must be a list of identities, or an object with either first_of or all_of';
  for (const selection of [undefined, 'users', [1], {}, { any_of: both }, { first_of: both, all_of: both }]) {
    assert.deepEqual(issuesOf(selection), [shape]);
  }
  assert.deepEqual(issuesOf({ first_of: 'users' }), [`first_of${shape}`]);
  assert.deepEqual(issuesOf([]), [' must name at least one identity']);
  assert.deepEqual(issuesOf(['users', 'userz']), [
    '1 unknown identity "userz"; known are users, staff, twins, partners, machines',
  ]);
  assert.deepEqual(issuesOf({ all_of: ['users', 'users'] }), ['all_of.1 "users" stands twice']);
  assert.match(
    issuesOf(['users', 'twins']).join(),
    /"users" and "twins" read the same credential, and take the same issuer/,
  );
  assert.match(
    issuesOf({ all_of: ['users', 'staff'] }).join(),
    /"users" and "staff" read the same credential, one credential cannot/,
  );
});

test('a rule without identities to ask lets nobody in', async () => {
  const { context } = recordIssues();
  const { identify } = identifySteps({
    selection: ['x'],
    optional: false,
    authenticators: new Map(),
    revocations: noRevocations,
    context,
  });
  const verdict = await identify(aSubject({ request: { headers: good } }), never);
  assert.equal(told(verdict), 'credential_missing');
});

test('a banned principal is refused once its credential is good: each of several, in shadow rules too', async () => {
  const bans = await openBansOf(
    aBan(principal('users/alice'), { id: 'one' }),
    aBan(principal('partners/acme'), { id: 'two', tighten: 5 }),
  );
  const { context } = recordIssues();
  const shared = { optional: false, authenticators: all, revocations: noRevocations, bans, context };
  for (const mode of ['enforce', 'shadow'] as const) {
    for (const selection of [['users'], { first_of: ['users', 'partners'] }, { all_of: ['partners', 'users'] }]) {
      const { identify } = identifySteps({ ...shared, selection, mode });
      const verdict = await identify(aSubject({ request: { headers: { ...good, ...partnerKey } } }), never);
      assert.ok(verdict.kind === 'reject' && verdict.reason === 'client_banned');
      assert.deepEqual(verdict.detail, {
        identity: 'users',
        ban: 'one',
        banned_by: 'operator',
        principal: 'users/alice',
      });
      assert.deepEqual([verdict.expose, verdict.headers], [{}, []]);
    }
    const { identify } = identifySteps({ ...shared, selection: both, mode });
    const judged = async (headers: Record<string, string>) =>
      told(await identify(aSubject({ request: { headers } }), never));
    assert.equal(await judged(expired), 'token_expired');
    assert.equal(await judged(partnerKey), 'partners/acme');
  }
});
