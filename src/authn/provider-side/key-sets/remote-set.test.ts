import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { never, openTime } from '../../../../test/support/authn.ts';
import { type KeyServer, openKeyServer } from '../../../../test/support/key-server.ts';
import { jwksOf, makeKey } from '../../../../test/support/tokens.ts';
import { type Log, type Signals, silentLog, silentSignals } from '../../../core/ports.ts';
import { createOutbounds } from '../../../outbound/registry.ts';
import { createKeySets } from './index.ts';
import type { KeyLookup, KeySetSpec } from './key-set.ts';

const server: KeyServer = await openKeyServer();
after(() => server.close());

const old = makeKey('ES256', 'old');
const fresh = makeKey('ES256', 'fresh');
const minute = 60_000;
let paths = 0;

/** A registry on a clock of its own, and a path of the server for it alone. */
function open(change: Partial<KeySetSpec> = {}) {
  paths += 1;
  const path = `/jwks-${paths}`;
  server.answer(path, { kind: 'json', value: jwksOf(old) });
  const time = openTime();
  const fetched: string[] = [];
  const warned: unknown[] = [];
  const signals: Signals = {
    ...silentSignals,
    keySetFetched: (identity, outcome, keys) => void fetched.push(`${identity} ${outcome} ${keys}`),
  };
  const log: Log = { ...silentLog, warn: (fields) => void warned.push(fields) };
  const keySets = createKeySets({ clock: time.clock, timers: time.timers, signals, log, outbounds: createOutbounds() });
  const spec: KeySetSpec = {
    identity: 'users',
    source: { kind: 'url', url: `${server.origin}${path}` },
    refreshMs: 5 * minute,
    staleIfErrorMs: 24 * 60 * minute,
    unknownKidCooldownMs: minute / 2,
    outbound: { allowHttp: false, allowedHosts: ['127.0.0.1'], ca: undefined, timeoutMs: 2000, maxBytes: 1024 ** 2 },
    ...change,
  };
  const set = keySets.resolve(spec);
  const find = async (kid: string, signal = never): Promise<KeyLookup['kind']> =>
    (await set.find(kid, 'ES256', signal)).kind;
  const asked = (): number => server.asked.filter((one) => one === path).length;
  return { path, time, keySets, spec, set, find, asked, fetched, warned };
}

/** Waits for a condition, turn by turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('a set asks nobody before it is needed, then once for all who wait', async () => {
  const { set, find, asked, fetched } = open();
  assert.equal(set.ready(), false);
  assert.equal(asked(), 0);
  assert.deepEqual(await Promise.all([find('old'), find('old'), find('other')]), ['found', 'found', 'unknown']);
  assert.equal(asked(), 1);
  assert.equal(set.ready(), true);
  assert.deepEqual(fetched, ['users ok 1']);
});

test('10,000 tokens with unknown kids cause one fetch a cooldown (row 35)', async () => {
  const { time, find, asked } = open();
  await find('old');
  const flood = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 10_000 }, (_, index) => find(`random-${index}`, new AbortController().signal)));
  await flood();
  assert.equal(asked(), 1);
  time.advance(minute / 2);
  await flood();
  await flood();
  assert.equal(asked(), 2);
});

test('a rotated key is found after the cooldown, and a withdrawn one is gone', async () => {
  const { path, time, find } = open();
  await find('old');
  server.answer(path, { kind: 'json', value: jwksOf(old, fresh) });
  assert.equal(await find('fresh'), 'unknown');
  time.advance(minute / 2);
  assert.equal(await find('fresh'), 'found');
  server.answer(path, { kind: 'json', value: jwksOf(fresh) });
  time.advance(minute / 2);
  assert.equal(await find('nobody'), 'unknown');
  assert.deepEqual([await find('old'), await find('fresh')], ['unknown', 'found']);
});

test('a set of strangers alone does not take the keys of before away, as long as stale ones may be used', async () => {
  const { path, time, find, warned, keySets } = open({ staleIfErrorMs: 20 * minute });
  await find('old');
  keySets.start();
  server.answer(path, { kind: 'json', value: jwksOf(fresh) });
  const renewed = async (): Promise<void> => {
    time.advance(minute / 2);
    await find('nobody');
  };
  await renewed();
  // Nobody can tell a mistake from a rotation in an emergency.
  assert.deepEqual([await find('old'), await find('fresh')], ['found', 'found']);
  assert.match(JSON.stringify(warned), /users/);
  time.advance(13 * minute);
  await renewed();
  assert.deepEqual([await find('old'), await find('fresh')], ['found', 'found']);
  time.advance(2 * minute);
  assert.deepEqual([await find('old'), await find('fresh')], ['unknown', 'found']);
  keySets.close();
});

test('once the keys of before are back, the strangers are gone', async () => {
  const { path, time, find, set } = open();
  const asFound = async () => set.find('old', 'ES256', never);
  const first = await asFound();
  server.answer(path, { kind: 'json', value: jwksOf(fresh, makeKey('ES256', 'old')) });
  time.advance(minute / 2);
  await find('nobody');
  // Under a name that both have, both may be meant.
  const both = await asFound();
  assert.ok(both.kind === 'found' && first.kind === 'found');
  assert.deepEqual([both.former === first.key, both.key === first.key], [true, false]);
  server.answer(path, { kind: 'json', value: jwksOf(old) });
  time.advance(minute / 2);
  await find('nobody');
  assert.deepEqual([await find('old'), await find('fresh')], ['found', 'unknown']);
  assert.deepEqual(await asFound(), first);
});

test('a key that is still there is the same object after a renewal, so that what it verified counts on', async () => {
  const { path, time, set, find } = open();
  const keyOf = async (kid: string): Promise<unknown> => {
    const found = await set.find(kid, 'ES256', never);
    return found.kind === 'found' ? found.key : found.kind;
  };
  const before = await keyOf('old');
  server.answer(path, { kind: 'json', value: jwksOf(fresh, old) });
  time.advance(minute / 2);
  assert.equal(await find('fresh'), 'found');
  assert.equal(await keyOf('old'), before);
  server.answer(path, { kind: 'json', value: jwksOf({ ...fresh, jwk: { ...fresh.jwk, kid: 'old' } }) });
  time.advance(minute / 2);
  await find('other');
  assert.notEqual(await keyOf('old'), before, 'another key of the same name is another key');
});

test('a started set renews its keys in the background before they are old', async () => {
  const { path, time, keySets, set, find, fetched } = open();
  keySets.start();
  keySets.start();
  await until(set.ready);
  server.answer(path, { kind: 'json', value: jwksOf(old, fresh) });
  time.advance(4 * minute);
  await until(() => fetched.length === 2);
  assert.equal(await find('fresh'), 'found');
  keySets.close();
  assert.equal(time.pending(), 0);
});

test('keys are used while the server is away, up to the bound, and again when it is back', async () => {
  const { path, time, find, fetched, warned } = open({ staleIfErrorMs: 60 * minute });
  await find('old');
  server.answer(path, { kind: 'status', status: 500 });
  time.advance(65 * minute);
  assert.equal(await find('old'), 'found');
  assert.equal(await find('other'), 'unknown');
  time.advance(1);
  assert.equal(await find('old'), 'unavailable');
  server.answer(path, { kind: 'json', value: jwksOf(old) });
  assert.equal(await find('old'), 'unavailable', 'the retry has to wait');
  time.advance(2000);
  assert.equal(await find('old'), 'found');
  assert.deepEqual(fetched, ['users ok 1', 'users error 0', 'users ok 1']);
  assert.deepEqual(warned[0], { identity: 'users', problem: 'status 500', keys: [] });
});

test('a started set that finds nobody tries again by itself, ever more slowly', async () => {
  const { path, time, keySets, set, asked, fetched } = open();
  server.answer(path, { kind: 'status', status: 503 });
  keySets.start();
  for (const [index, waitMs] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
    await until(() => fetched.length === index + 1);
    time.advance(waitMs - 1);
    assert.equal(asked(), index + 1);
    time.advance(1);
  }
  await until(() => fetched.length === 8);
  server.answer(path, { kind: 'json', value: jwksOf(old) });
  time.advance(30_000);
  await until(set.ready);
  keySets.close();
});

const bad: readonly (readonly [string, Parameters<KeyServer['answer']>[1], RegExp])[] = [
  ['an error', { kind: 'status', status: 404 }, /^status 404$/],
  ['no content', { kind: 'status', status: 204 }, /^status 204$/],
  ['a redirect', { kind: 'redirect', to: '/jwks-1' }, /^status 302$/],
  ['more than 1 MiB', { kind: 'huge', bytes: 1024 ** 2 + 1 }, /^more than 1048576 bytes$/],
  ['a page', { kind: 'raw', text: '<html>' }, /^not strict JSON: syntax$/],
  ['members that stand twice', { kind: 'raw', text: '{"keys":[],"keys":[]}' }, /duplicate_member/],
  ['no keys', { kind: 'json', value: { keys: [] } }, /no key/],
  ['mixed keys', { kind: 'json', value: { keys: [old.jwk, { kty: 'oct', k: 'AA' }] } }, /mixes/],
];

for (const [name, mode, problem] of bad) {
  test(`no keys come of ${name}, and good ones are kept`, async () => {
    const { path, time, find, warned } = open();
    server.answer(path, mode);
    assert.equal(await find('old'), 'unavailable');
    assert.match(JSON.stringify(warned), new RegExp(problem.source.replace(/^\^|\$$/g, '')));
    server.answer(path, { kind: 'json', value: jwksOf(old) });
    time.advance(1000);
    assert.equal(await find('old'), 'found');
    server.answer(path, mode);
    time.advance(minute);
    assert.equal(await find('other'), 'unknown');
    assert.equal(await find('old'), 'found');
  });
}

test('a slow server costs its timeout and no more', async () => {
  const { path, time, find, asked, warned } = open();
  server.answer(path, { kind: 'hang' });
  const waiting = find('old');
  await until(() => asked() === 1);
  time.advance(2000);
  assert.equal(await waiting, 'unavailable');
  assert.deepEqual(warned, [{ identity: 'users', problem: 'timeout', keys: [] }]);
  server.release();
});

test('who is out of time leaves, and the others get the answer', async () => {
  const { path, find, asked } = open();
  server.answer(path, { kind: 'hang' });
  const controller = new AbortController();
  const [hasty, patient] = [find('old', controller.signal), find('old')];
  await until(() => asked() === 1);
  controller.abort();
  assert.equal(await hasty, 'unavailable');
  assert.equal(await find('old', controller.signal), 'unavailable');
  server.answer(path, { kind: 'json', value: jwksOf(old) });
  server.release();
  assert.equal(await patient, 'found');
  assert.equal(asked(), 1);
});

test('a server that nobody reaches is named by its error', async () => {
  const gone = await openKeyServer();
  await gone.close();
  const { find, warned } = open({ source: { kind: 'url', url: `${gone.origin}/jwks` } });
  assert.equal(await find('old'), 'unavailable');
  assert.match(JSON.stringify(warned), /ECONNREFUSED/);
});

test('keys that cannot verify are left out and logged', async () => {
  const { path, find, warned } = open();
  server.answer(path, { kind: 'json', value: { keys: [old.jwk, { ...fresh.jwk, use: 'enc' }] } });
  assert.equal(await find('old'), 'found');
  assert.deepEqual(warned, [{ identity: 'users', keys: ['1: use'] }]);
});

test('a reload keeps the sets that it still needs, starts new ones and retires the others', async () => {
  const { time, keySets, spec, set, find, asked } = open();
  const [other, unused] = [open(), open()];
  keySets.start();
  await until(set.ready);
  assert.equal(keySets.resolve({ ...spec }), set);
  const added = keySets.resolve(other.spec);
  keySets.resolve(unused.spec);
  assert.equal(other.asked(), 0, 'resolving asks nobody');
  keySets.retain([spec, other.spec]);
  await until(added.ready);
  assert.equal(keySets.resolve(spec), set);
  assert.equal(unused.asked(), 0);
  assert.equal(time.pending(), 2);

  keySets.retain([other.spec]);
  assert.equal(time.pending(), 1);
  assert.equal(await find('old'), 'found', 'calls of the old plan still get its keys');
  time.advance(minute);
  assert.equal(await find('other'), 'unknown');
  assert.equal(asked(), 1);
  assert.notEqual(keySets.resolve(spec), set);
  keySets.close();
});

test('a retired set still takes the answer that calls wait for; a closed one does not', async () => {
  const [first, second] = [open(), open()];
  for (const { path } of [first, second]) server.answer(path, { kind: 'hang' });
  const waiting = [first.find('old'), second.find('old')];
  await until(() => first.asked() === 1 && second.asked() === 1);
  first.keySets.retain([]);
  second.keySets.close();
  assert.equal(await waiting[1], 'unavailable');
  server.answer(first.path, { kind: 'json', value: jwksOf(old) });
  server.release();
  assert.equal(await waiting[0], 'found');
  assert.equal(first.time.pending(), 0);
  assert.equal(await second.find('old'), 'unavailable');
});

test('discovery takes the key set of the very issuer and of no other', async () => {
  const metadata = '/tenant/.well-known/openid-configuration';
  const issuer = `${server.origin}/tenant`;
  const discover = (iss: string) => open({ source: { kind: 'discovery', issuer: iss } });
  const jwks = open();
  const document = { issuer, jwks_uri: jwks.spec.source.kind === 'url' ? jwks.spec.source.url : '' };
  server.answer(metadata, { kind: 'json', value: document });
  assert.equal(await discover(issuer).find('old'), 'found');

  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ ...document, issuer: `${issuer}/` }, /another issuer/],
    [{ ...document, issuer: 'https://evil.example' }, /another issuer/],
    [{ ...document, jwks_uri: undefined }, /no jwks_uri/],
    [{ ...document, jwks_uri: 'http://169.254.169.254/jwks' }, /link-local/],
    [{ ...document, jwks_uri: 'http://idp.example/jwks' }, /https/],
    [[], /no object/],
  ];
  for (const [value, problem] of refused) {
    server.answer(metadata, { kind: 'json', value });
    const { find, warned } = discover(issuer);
    assert.equal(await find('old'), 'unavailable');
    assert.match(JSON.stringify(warned), problem);
  }
  server.answer(metadata, { kind: 'status', status: 500 });
  const { find, warned } = discover(issuer);
  assert.equal(await find('old'), 'unavailable');
  assert.match(JSON.stringify(warned), /discovery: status 500/);
});

test('the timers of the process run, and can be taken back', async () => {
  const { systemTimers } = await import('../../../core/timers.ts');
  const alive = setInterval(() => {}, 1000); // the timers themselves keep nothing alive
  await new Promise<void>((resolve) => systemTimers.after(0, resolve));
  clearInterval(alive);
  systemTimers.after(2 ** 40, () => assert.fail('it ran at once'))();
});
