import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { aBan, openBansOf, principal } from '../../../test/support/bans.ts';
import type { AdminAct } from '../../core/administration.ts';
import { silentLog } from '../../core/ports.ts';
import { listenAdmin } from '../admin.ts';
import { openBanList } from './ban-list.ts';

const token = 'firewall-0123456789';
const admin = 'admin-token-0123456789';

async function open(context: TestContext, tokens: readonly string[] = [token, admin]) {
  const bans = await openBansOf(
    aBan('203.0.113.0/24'),
    aBan('198.51.100.7', { by: 'scanning' }),
    aBan('198.51.100.7'),
    aBan('2001:db8:0:7::/64'),
    aBan('192.0.2.1', { tighten: 5 }),
    aBan(principal('users/alice')),
  );
  const acts: AdminAct[] = [];
  const audit = { administered: (act: AdminAct) => void acts.push(act) };
  const server = await listenAdmin('127.0.0.1:0', {
    readiness: () => ({ missing: [], reload: undefined }),
    metrics: () => '',
    config: () => ({}),
    api: openBanList({ bans, tokens: () => tokens, audit }),
    log: silentLog,
  });
  context.after(() => server.close());
  const get = async (headers: Record<string, string>, method = 'GET') => {
    const answer = await fetch(`http://${server.address}/bans/list`, { method, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { get, acts, bans };
}

const list = '198.51.100.7\n2001:db8:0:7::/64\n203.0.113.0/24\n';

test('addresses that are refused stand in it, a prefix a line, and nothing else', async (context) => {
  const { get, acts } = await open(context);
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const headers of [
    { authorization: `Bearer ${token}` },
    { authorization: `Bearer ${admin}` },
    { authorization: basic(`firewall:${token}`) },
    { 'x-api-key': token },
  ]) {
    const { status, text, headers: said } = await get(headers);
    assert.deepEqual([status, text], [200, list]);
    assert.equal(said.get('content-type'), 'text/plain; charset=utf-8');
  }
  assert.deepEqual(acts, [], 'who polls, polls often');
});

test('who has the list gets it again only when it changes', async (context) => {
  const { get, bans } = await open(context);
  const authorization = `Bearer ${token}`;
  const etag = (await get({ authorization })).headers.get('etag') ?? '';
  assert.equal((await get({ authorization, 'if-none-match': etag })).status, 304);
  assert.equal((await get({ authorization, 'if-none-match': `"x", W/${etag}` })).status, 304);
  await bans.lift({ kind: 'address', prefix: '203.0.113.0/24' });
  const { status, text } = await get({ authorization, 'if-none-match': etag });
  assert.deepEqual([status, text], [200, '198.51.100.7\n2001:db8:0:7::/64\n']);
  assert.deepEqual(
    [(await get({ authorization }, 'HEAD')).text, (await get({ authorization }, 'POST')).status],
    ['', 405],
  );
});

test('nobody reads it without a token, and refusals are written down', async (context) => {
  const { get, acts } = await open(context);
  const missing = await get({});
  assert.equal(missing.status, 401);
  assert.match(missing.headers.get('www-authenticate') ?? '', /^Basic realm=.*Bearer/);
  for (const authorization of ['Bearer wrong', `Basic ${Buffer.from('a:b').toString('base64')}`, 'Digest x']) {
    assert.equal((await get({ authorization })).status, 401);
  }
  assert.deepEqual(
    acts.map(({ operation, refusal }) => `${operation} ${refusal}`),
    ['missing', 'wrong', 'wrong', 'missing'].map((why) => `GET /bans/list admin_token_${why}`),
  );
  const unset = await open(context, []);
  assert.equal((await unset.get({ authorization: `Bearer ${token}` })).status, 403);
});
