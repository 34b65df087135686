import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { CounterStore } from '../core/limit.ts';
import { silentSignals } from '../core/ports.ts';
import { createMemoryStore } from '../store/index.ts';
import { algorithms } from './algorithms/index.ts';
import { buildLimits, type Limit, type LimitOptions } from './build.ts';
import { limitSteps } from './steps.ts';
import { volumeCounter } from './volume.ts';

const clock = { nowMs: () => 1_000_000, monotonicMs: () => 0 };
const memory = (): CounterStore => createMemoryStore({ algorithms, clock, maxKeys: 100 });
const alice = aSubject({ principal: {} });
const { signal } = new AbortController();

function limitsOf(options: Partial<LimitOptions>): readonly Limit[] {
  const { context, issues } = recordIssues();
  const limits = [...buildLimits({ reads: { key: 'principal.key', rate: '10/h', ...options } }, context).values()];
  assert.deepEqual(issues, []);
  return limits;
}

test('once a response took what was left, the next request is denied, however much it was', async () => {
  for (const [counts, rate] of [
    ['response_bytes', '1KiB/h'],
    ['response_records', '1000/h'],
  ] as const) {
    for (const algorithm of ['fixed_window', 'sliding_window', 'token_bucket'] as const) {
      const limits = limitsOf({ counts, rate, algorithm });
      const deps = { store: memory(), local: memory(), signals: silentSignals };
      const { late } = limitSteps(limits, deps);
      const add = volumeCounter(limits, deps);
      assert.ok(add !== undefined);
      assert.equal((await late(alice, signal)).kind, 'pass');
      await add(alice, { bytes: 500, records: 500 });
      assert.equal((await late(alice, signal)).kind, 'pass');
      await add(alice, { bytes: 5000, records: 5000 });
      const verdict = await late(alice, signal);
      assert.ok(verdict.kind === 'reject' && verdict.reason === 'limit_exceeded', `${counts} ${algorithm}`);
    }
  }
});

test('a store that is away: memory counts where the limit says so, and nothing is thrown', async () => {
  const away: CounterStore = { take: () => Promise.reject(new Error('away')), close: async () => {} };
  const local = memory();
  const limits = limitsOf({ counts: 'response_bytes' });
  await volumeCounter(limits, { store: away, local })?.(alice, { bytes: 50, records: 0 });
  const { late } = limitSteps(limits, { store: away, local, signals: silentSignals });
  assert.equal((await late(alice, signal)).kind, 'reject');
  const denying = limitsOf({ counts: 'response_bytes', on_store_failure: 'deny' });
  await volumeCounter(denying, { store: away, local: away })?.(alice, { bytes: 50, records: 0 });
});

test('only limits by responses are counted, a shadowed rule on counters of its own', async () => {
  assert.equal(volumeCounter(limitsOf({}), { store: memory(), local: memory() }), undefined);
  const limits = limitsOf({ counts: 'response_bytes' });
  const deps = { store: memory(), local: memory(), signals: silentSignals };
  await volumeCounter(limits, deps, 'shadow')?.(alice, { bytes: 50, records: 0 });
  assert.equal((await limitSteps(limits, deps).late(alice, signal)).kind, 'pass');
});

test('a size is a rate of bytes alone, and claims are no key of a response', () => {
  const { context, issues } = recordIssues();
  buildLimits(
    {
      a: { key: 'route', rate: '1KiB/h' },
      b: { key: ['route', 'claims.team'], rate: '10/h', counts: 'response_records' },
    },
    context,
  );
  assert.deepEqual(issues, [
    'a.rate "1KiB/h" is a size; only limits with counts: response_bytes have one',
    'b.key "claims.team" is not known any more when a response passes; take principal.key or another',
  ]);
});

test('what a tightened client is given counts more often', async () => {
  const limits = limitsOf({ counts: 'response_records', rate: '100/h', algorithm: 'token_bucket' });
  const deps = { store: memory(), local: memory(), signals: silentSignals, bans: { weight: () => 4 } };
  const add = volumeCounter(limits, deps);
  assert.ok(add !== undefined);
  await add(alice, { bytes: 0, records: 20 });
  const verdict = await limitSteps(limits, { ...deps, bans: { weight: () => 1 } }).late(alice, signal);
  assert.equal(verdict.detail['limit.reads.remaining'], 19);
});
