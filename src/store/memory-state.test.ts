import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { createMemoryState } from './memory-state.ts';

suite('state in memory that is full', () => {
  test('what was put makes room by what ends first', async () => {
    const { values } = createMemoryState(openTime().clock, { entries: 3, bytes: 1024 ** 2 });
    for (const [key, ttlMs] of [
      ['a', 3000],
      ['b', 1000],
      ['c', 2000],
      ['d', 4000],
    ] as const) {
      await values.put(key, key, ttlMs);
    }
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map(values.get)), ['a', undefined, 'c', 'd']);
  });

  test('claims of one kind leave room for those of another', async () => {
    const { values } = createMemoryState(openTime().clock, { entries: 2, bytes: 1024 ** 2 });
    for (const key of ['proof/a', 'proof/b', 'logout/a']) assert.equal(await values.claim(key, '', 1000), true);
    await assert.rejects(values.claim('proof/c', '', 1000), StoreUnavailable);
    assert.equal(await values.claim('logout/b', '', 1000), true);
  });

  test('a claim is refused rather than another one forgotten, and the values that were put stay', async () => {
    const time = openTime();
    const { values } = createMemoryState(time.clock, { entries: 2, bytes: 1024 ** 2 });
    await values.put('session', 's', 60_000);
    assert.equal(await values.claim('a', '', 1000), true);
    assert.equal(await values.claim('b', '', 2000), true);
    await assert.rejects(values.claim('c', '', 1000), StoreUnavailable);
    assert.deepEqual([await values.claim('a', '', 1000), await values.claim('b', '', 1000)], [false, false]);
    assert.equal(await values.get('session'), 's');
    time.advance(1000);
    assert.equal(await values.claim('c', '', 1000), true);
    await assert.rejects(values.claim('a', '', 1000), StoreUnavailable);
  });

  test('bytes are bounded as entries are, and what is too large alone is refused', async () => {
    const { values } = createMemoryState(openTime().clock, { entries: 1000, bytes: 50_000 });
    for (let at = 0; at < 20; at += 1) await values.put(`k${at}`, 'x'.repeat(5000), 1000 + at);
    const kept = await Promise.all(Array.from({ length: 20 }, (_, at) => values.get(`k${at}`)));
    assert.equal(kept.filter((value) => value !== undefined).length, 4);
    assert.ok(kept.at(-1));
    await assert.rejects(values.put('huge', 'x'.repeat(30_000), 1000), StoreUnavailable);
    assert.ok(await values.get('k19'));
  });
});
