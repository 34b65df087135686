import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { adminToken, openBanAdmin } from '../../../test/support/ban-admin.ts';
import { aBan, principal } from '../../../test/support/bans.ts';
import type { Bans } from '../../core/ban.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { shownBans } from './bans.ts';

async function open(context: TestContext, over: Partial<Bans> = {}) {
  const { address, bans, acts } = await openBanAdmin(context, over);
  const call = async (method: string, query = '', body?: unknown) => {
    const answer = await fetch(`http://${address}/bans${query}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json: Record<string, unknown> = JSON.parse(await answer.text());
    return { status: answer.status, json };
  };
  return { call, bans, acts };
}

test('what is banned is said back, holds and is written down', async (context) => {
  const { call, bans, acts } = await open(context);
  const { status, json } = await call('POST', '', { address: '198.51.100.7', for: '1h', why: 'scrapes' });
  const { id, ...said } = json;
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    [status, said],
    [
      201,
      {
        address: '198.51.100.7',
        effect: 'refuse',
        tighten: null,
        by: 'operator',
        why: 'scrapes',
        since: '2026-01-15T00:00:00.000Z',
        until: '2026-01-15T01:00:00.000Z',
        shared: true,
      },
    ],
  );
  assert.equal([...bans.list()].length, 1);
  const { operation, activity, status: told, object } = acts[0] ?? {};
  const facts = { ban: id, tighten: null, why: 'scrapes', until: '2026-01-15T01:00:00.000Z' };
  const target = { type: 'address', name: '198.51.100.7', facts };
  assert.deepEqual([operation, activity, told, object], ['POST /bans', 'create', 201, target]);
  const again = await call('POST', '', { address: '198.51.100.7', for: '1m' });
  assert.deepEqual([again.status, again.json['id']], [200, id], 'an earlier ban says as much');
});

test('a bare IPv6 address is a /64, a mapped one is IPv4, and whatever is written with a length is meant', async (context) => {
  const { call } = await open(context);
  for (const [written, banned] of [
    ['2001:db8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
    ['2001:DB8:0:8::1/128', '2001:db8:0:8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['203.0.113.0/24', '203.0.113.0/24'],
  ]) {
    assert.equal((await call('POST', '', { address: written })).json['address'], banned);
  }
  assert.equal((await call('DELETE', '?address=2001:db8:0:7::1')).status, 200);
  assert.equal((await call('GET')).json['total'], 3);
});

test('what cannot be meant is refused, each with all that is wrong', async (context) => {
  const { call, bans } = await open(context);
  const users = { principal: 'users/alice' };
  for (const [body, ...problems] of [
    [{}, /exactly one of "address" and "principal"/],
    [{ address: '198.51.100.7', ...users }, /exactly one/],
    [{ address: '198.51.100.7/24' }, /"address" must be an address.*bits behind the length must be zero/],
    [{ address: 'evil.example' }, /"address" must be/],
    [{ address: '0.0.0.0/0' }, /0\.0\.0\.0\/0 is wider than \/8; if you mean it, say so with "force": true or --force/],
    [{ address: '2001::/18' }, /wider than \/19/],
    [{ address: '192.0.2.1', force: 1 }, /"force" must be true or false/],
    [{ principal: 'alice' }, /"principal" must be IDENTITY\/ID/],
    [{ principal: 'user/alice' }, /no identity "user"; it has users, partners/],
    [{ ...users, for: '1h', until: '2027-01-01' }, /not both/],
    [{ ...users, for: 'long' }, /"for" must be a duration/],
    [{ ...users, until: '2026-01-14' }, /over already/],
    [{ ...users, for: '999999999d' }, /at most until the year 9999/],
    [{ ...users, tighten: 1 }, /"tighten" must be a whole number from 2 to 1000/],
    [{ ...users, tighten: '5', why: '', force: 7 }, /"tighten"/, /"why" must be a text/, /"force"/],
    [{ ...users, by: 'me' }, /"by" is not known/],
  ] as const) {
    const { status, json } = await call('POST', '', body);
    assert.equal(status, 422, JSON.stringify(body));
    for (const problem of problems) assert.match(String(json['detail']), problem);
  }
  assert.deepEqual([...bans.list()], []);
  assert.equal((await call('POST', '', { address: '0.0.0.0/0', force: true })).status, 201);
});

test('bans are listed, all or chosen, the newest first', async (context) => {
  const { call, bans } = await open(context);
  await bans.ban(aBan('198.51.100.0/24', { id: 'wide' }));
  await bans.ban(
    aBan(principal('users/alice'), {
      id: 'slow',
      by: 'surge',
      tighten: 5,
      sinceMs: Date.UTC(2026, 0, 16),
      untilMs: undefined,
    }),
  );
  const listed = async (query: string) => {
    const { json } = await call('GET', query);
    const { bans: all } = json;
    assert.ok(Array.isArray(all));
    assert.equal(json['total'], all.length);
    return all.map(({ id }) => id);
  };
  for (const [query, ids] of [
    ['', ['slow', 'wide']],
    ['?address=198.51.100.7', ['wide']],
    ['?address=198.51.100.0/25', ['wide']],
    ['?address=198.51.0.0/16', []],
    ['?address=2001:db8::1', []],
    ['?principal=users/alice', ['slow']],
    ['?by=surge', ['slow']],
    ['?effect=refuse', ['wide']],
  ] as const) {
    assert.deepEqual(await listed(query), ids, query);
  }
  for (const [query, problem] of [
    ['?colour=red', /"colour" is not known/],
    ['?address=x', /"address" must be an address/],
    ['?address=', /"address" must be an address/],
    ['?principal=alice', /"principal" must be IDENTITY/],
    ['?by=', /"by" must be a text/],
    ['?effect=refused', /"effect" must be one of refuse, tighten/],
    ['?by=surge&by=operator', /"by" stands twice/],
  ] as const) {
    const { status, json } = await call('GET', query);
    assert.equal(status, 422, query);
    assert.match(String(json['detail']), problem);
  }
});

test('bans end by whom they mean or by their id, in the query or in a body', async (context) => {
  const { call, bans, acts } = await open(context);
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await bans.ban(aBan(address, { id: `id-${address}` }));
  await bans.ban(aBan('203.0.113.0/24'));
  const { status, json } = await call('DELETE', '?address=192.0.2.1');
  assert.equal(status, 200);
  assert.ok(Array.isArray(json['lifted']));
  assert.equal(json['lifted'][0].id, 'id-192.0.2.1');
  assert.equal((await call('DELETE', '', { address: '192.0.2.2' })).status, 200);
  assert.equal((await call('DELETE', '?id=id-192.0.2.3')).status, 200);
  assert.deepEqual(
    acts.map(({ activity, object }) => [activity, object?.name]),
    [
      ['delete', '192.0.2.1'],
      ['delete', '192.0.2.2'],
      ['delete', '192.0.2.3'],
    ],
  );
  assert.equal([...bans.list()].length, 1);
  const held = await call('DELETE', '?address=203.0.113.7');
  assert.equal(held.status, 404);
  assert.match(String(held.json['detail']), /no ban of 203\.0\.113\.7; it is held by the ban of 203\.0\.113\.0\/24/);
  assert.equal((await call('DELETE', '?id=unknown')).status, 404);
  assert.equal((await call('DELETE', '?principal=users/alice')).status, 404);
  assert.equal((await call('DELETE', '?id=x&address=192.0.2.1')).status, 422);
  assert.equal((await call('DELETE')).status, 422);
});

test('a removal that names two is refused, and one of an identity that is gone is not', async (context) => {
  const { call, bans } = await open(context);
  await bans.ban(aBan('192.0.2.1'));
  await bans.ban(aBan(principal('former/alice')));
  for (const [query, body] of [
    ['?address=192.0.2.9&address=192.0.2.1', undefined],
    ['?address=192.0.2.9', { address: '192.0.2.1' }],
  ] as const) {
    assert.equal((await call('DELETE', query, body)).status, 422);
  }
  const { json } = await call('DELETE', '?id=');
  assert.equal(json['detail'], '"id" must be a text of 1 to 1024 characters');
  assert.equal([...bans.list()].length, 2);
  assert.equal((await call('DELETE', '?principal=former/alice')).status, 200);
});

test('what other replicas cannot hear of is not done, and audit tells who was meant', async (context) => {
  const away = () => Promise.reject(new StoreUnavailable('the state store is away'));
  const { call, acts } = await open(context, { ban: away, lift: away });
  assert.equal((await call('POST', '', { address: '192.0.2.1' })).status, 503);
  const { status, json } = await call('DELETE', '?address=192.0.2.1');
  assert.deepEqual([status, json['code']], [503, 'store_unavailable']);
  assert.deepEqual(
    acts.map(({ refusal, object }) => [refusal, object?.name]),
    [
      ['store_unavailable', '192.0.2.1'],
      ['store_unavailable', '192.0.2.1'],
    ],
  );
});

test('of many bans the newest are shown, however they come', () => {
  const many = [3, 9, 1, 7, 5, 8, 2, 6, 4].map((sinceMs) => aBan('192.0.2.1', { id: `id-${sinceMs}`, sinceMs }));
  const { bans, total } = shownBans(many, 2);
  assert.deepEqual([bans.map(({ id }) => id), total], [['id-9', 'id-8'], 9]);
});
