import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import { createMemoryState } from '../store/index.ts';
import { readOnlyState } from './read-only-state.ts';

test('a state that is only looked at answers as it is, and stays so', async () => {
  const state = createMemoryState(openTime().clock);
  await state.values.put('session', 's', 1000);
  await state.values.claim('proof/a', '1', 1000);
  await state.table('keys').put('k', 'record');
  await state.log('revocations').append('one', 1000);

  const view = readOnlyState(state);
  assert.equal(view.shared, state.shared);
  assert.equal(await view.values.get('session'), 's');
  assert.deepEqual(
    [await view.values.claim('proof/a', '1', 1), await view.values.claim('proof/b', '1', 1)],
    [false, true],
  );
  assert.deepEqual([await view.values.remove('session'), await view.values.remove('none')], [true, false]);
  await view.values.put('session', 'other', 1);
  const keys = view.table('keys');
  await keys.put('k', 'other');
  assert.deepEqual([await keys.remove('k'), await keys.remove('none')], [true, false]);
  assert.equal(await keys.get('k'), 'record');
  await view.log('revocations').append('two', 1000);
  const heard: string[] = [];
  view.log('revocations').follow((entry) => heard.push(entry));

  assert.deepEqual(heard, ['one']);
  assert.equal(await state.values.get('session'), 's');
  assert.equal(await state.values.claim('proof/b', '1', 1), true);
});
