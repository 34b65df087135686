import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemory } from './adapter.ts';

test('it keeps what is written, by kind, until it is over, destroyed or revoked with its grant', async () => {
  const { adapter, all } = createMemory();
  const [sessions, codes] = [adapter('Session'), adapter('AuthorizationCode')];
  await sessions.upsert('1', { uid: 'u1', accountId: 'alice' }, 60);
  await sessions.upsert('2', { uid: 'u2' }, -1);
  await codes.upsert('1', { grantId: 'g' });
  await codes.upsert('2', { grantId: 'g' });
  await codes.upsert('3', { grantId: 'h' });
  assert.deepEqual(await sessions.find('1'), { uid: 'u1', accountId: 'alice' });
  assert.deepEqual(await sessions.findByUid('u1'), { uid: 'u1', accountId: 'alice' });
  assert.equal(await sessions.find('2'), undefined);
  assert.deepEqual(all('Session'), [{ uid: 'u1', accountId: 'alice' }]);
  await codes.consume('3');
  await codes.consume('none');
  const used = await codes.find('3');
  assert.ok(typeof used === 'object' && used.consumed > 0);
  await codes.revokeByGrantId('g');
  assert.equal(all('AuthorizationCode').length, 1);
  await sessions.destroy('1');
  assert.deepEqual(all('Session'), []);
  assert.equal(await sessions.findByUserCode('x'), undefined);
});

test('it keeps so many entries and no more: the oldest go', async () => {
  const { adapter, all } = createMemory(3);
  const sessions = adapter('Session');
  for (const id of ['1', '2', '3', '1', '4']) await sessions.upsert(id, { uid: id });
  assert.deepEqual(
    all('Session').map(({ uid }) => uid),
    ['3', '1', '4'],
  );
});
