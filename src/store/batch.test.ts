import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '../core/unavailable.ts';
import { cutGroups, decodeReply, encodeGroups, type Group } from './batch.ts';

const rule = { count: 5, periodMs: 1000, burst: 7 };
const group = (size: number, mode: Group['mode'] = 'each'): Group => ({
  takes: Array.from({ length: size }, (_, index) => ({ key: `k${index}`, algorithm: 'a', rule, hits: index })),
  mode,
  resolve: () => {},
  reject: () => {},
});

test('groups stand one after the other, each with its mode and size', () => {
  const places = new Map([['a', 3]]);
  const { keys, args } = encodeGroups([group(1), group(2, 'all_or_nothing')], places, 'p:', undefined);
  assert.deepEqual(keys, ['p:k0', 'p:k0', 'p:k1']);
  const take = (hits: string): string[] => ['3 5 1000 7', hits];
  assert.deepEqual(args, ['', '0', '1', ...take('0'), '1', '2', ...take('0'), ...take('1')]);
  assert.equal(encodeGroups([], places, 'p:', 1_700_000_000_000).args[0], '1700000000000');
});

test('a reply is cut into the groups it answers', () => {
  const answers = decodeReply([group(1), group(2)], [1, 4, 60, -1, 0, 0, 50, 20, 1, 3, 40, -1]);
  assert.deepEqual(answers, [
    [{ allowed: true, remaining: 4, resetMs: 60, retryAfterMs: undefined }],
    [
      { allowed: false, remaining: 0, resetMs: 50, retryAfterMs: 20 },
      { allowed: true, remaining: 3, resetMs: 40, retryAfterMs: undefined },
    ],
  ]);
});

test('a reply of another shape is no answer', () => {
  for (const reply of [null, 'OK', [], [1, 2, 3], [1, 2, 3, '4'], [1, 2, 3, 4, 5]]) {
    assert.throws(() => decodeReply([group(1)], reply), StoreUnavailable);
  }
});

test('a script call is bounded, and a group is never cut', () => {
  const sizes = (groups: readonly (readonly Group[])[]): number[][] =>
    groups.map((cut) => cut.map(({ takes }) => takes.length));
  assert.deepEqual(sizes(cutGroups([], 4)), []);
  assert.deepEqual(sizes(cutGroups([group(2), group(2), group(1), group(9), group(4)], 4)), [[2, 2], [1], [9], [4]]);
});
