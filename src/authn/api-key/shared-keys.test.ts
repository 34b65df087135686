import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../../test/support/authn.ts';
import type { RecordTable } from '../../core/state.ts';
import { createMemoryState } from '../../store/index.ts';
import { hashApiKey } from './format.ts';
import { mintApiKey } from './mint.ts';
import { openSharedKeys, recordName } from './shared-keys.ts';

const { key, entry } = mintApiKey({ owner: 'acme', roles: ['reader'], id: 'acme1' });
const hash = hashApiKey(key);
const name = recordName(hash);

/** A table that can be taken away and counts what it is asked for. */
function open({ staleMs = 0 } = {}) {
  const time = openTime();
  const inner = createMemoryState(time.clock).table('api-keys/partners');
  const asked: string[] = [];
  let away = false;
  const table: RecordTable = {
    ...inner,
    get: (id) => {
      asked.push(id);
      return away ? Promise.reject(new Error('away')) : inner.get(id);
    },
  };
  const find = openSharedKeys({ table, clock: time.clock, staleMs });
  const told = async (of: Uint8Array = hash): Promise<string> => {
    const found = await find(of);
    return found.kind === 'found' ? `${found.record.owner}${found.stale ? ', stale' : ''}` : found.kind;
  };
  const leave = (): void => {
    away = true;
  };
  return { time, inner, asked, told, leave, find };
}

test('a new key, a change and the end of a key count within a second', async () => {
  const { time, inner, told } = open();
  assert.equal(await told(), 'unknown');
  await inner.put(name, JSON.stringify(entry));
  time.advance(999);
  assert.equal(await told(), 'acme');
  await inner.put(name, JSON.stringify({ ...entry, owner: 'press' }));
  time.advance(999);
  assert.equal(await told(), 'press');
  await inner.remove(name);
  time.advance(999);
  assert.equal(await told(), 'unknown');
});

test('an answer is remembered for a moment, whichever it was, and callers at once share one', async () => {
  const { time, inner, asked, told } = open();
  await inner.put(name, JSON.stringify(entry));
  const other = hashApiKey('other');
  await Promise.all([told(), told(), told(other), told(other)]);
  assert.equal(asked.length, 2);
  time.advance(700);
  assert.deepEqual([await told(), await told(other)], ['acme', 'unknown']);
  assert.equal(asked.length, 2);
});

test('keys that are made up push out no key that is known', async () => {
  const { inner, asked, told } = open();
  await inner.put(name, JSON.stringify(entry));
  assert.equal(await told(), 'acme');
  for (let index = 0; index < 10_500; index += 1) await told(hashApiKey(String(index)));
  const before = asked.length;
  assert.equal(await told(), 'acme');
  assert.equal(asked.length, before);
  assert.equal(await told(hashApiKey('0')), 'unknown');
  assert.equal(asked.length, before + 1);
});

test('while the store is away nothing is known beyond the moment, unless the config says for how long', async () => {
  for (const [staleMs, wanted] of [
    [0, 'unavailable'],
    [60_000, 'acme, stale'],
  ] as const) {
    const { time, inner, told, leave } = open({ staleMs });
    await inner.put(name, JSON.stringify(entry));
    assert.equal(await told(), 'acme');
    leave();
    assert.equal(await told(), 'acme');
    time.advance(1000);
    assert.equal(await told(), wanted);
    assert.equal(await told(hashApiKey('other')), 'unavailable');
    time.advance(60_000);
    assert.equal(await told(), 'unavailable');
  }
});

test('a record that is none, or another key’s, is no answer', async () => {
  const other = mintApiKey({ owner: 'press', roles: [] }).entry;
  for (const record of ['', '{', '{}', JSON.stringify(other), JSON.stringify({ ...entry, expires: 'soon' })]) {
    const { inner, find } = open();
    await inner.put(name, record);
    assert.deepEqual(await find(hash), { kind: 'unavailable', problem: 'record' });
  }
});
