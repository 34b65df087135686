import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPlan, aRule } from '../../test/support/plans.ts';
import { systemClock } from '../core/clock.ts';
import type { DescriptorLimit, DescriptorMatch } from '../core/descriptor.ts';
import type { CounterStore, LimitStatus, Take } from '../core/limit.ts';
import type { Plan } from '../core/plan.ts';
import { silentSignals } from '../core/ports.ts';
import { RateLimitRequest, RateLimitResponse } from '../wire/gen/envoy/service/ratelimit/v3/rls.ts';
import { shouldRateLimit } from './should-rate-limit.ts';

const status = (given: Partial<LimitStatus> = {}): LimitStatus => ({
  allowed: true,
  remaining: 4,
  resetMs: 1500,
  retryAfterMs: undefined,
  ...given,
});
const limit: DescriptorLimit = {
  name: '',
  requestsPerUnit: 5,
  unit: 'minute',
  rule: { count: 5, periodMs: 60_000, burst: 5 },
  algorithm: 'fixed_window',
  key: 'k',
};

function storeOf(answer: (takes: readonly Take[]) => readonly LimitStatus[]): CounterStore & { takes: Take[] } {
  const takes: Take[] = [];
  return {
    takes,
    take: async (asked) => {
      takes.push(...asked);
      return answer(asked);
    },
    close: async () => {},
  };
}

const away: CounterStore = { take: () => Promise.reject(new Error('away')), close: async () => {} };
const policyOf =
  (match: DescriptorMatch): NonNullable<Plan['descriptors']> =>
  () =>
    match;
const depsOf = (match: DescriptorMatch | 'none', store: CounterStore, local = store) => ({
  plan: () => aPlan(aRule(), { descriptors: match === 'none' ? undefined : policyOf(match) }),
  clock: systemClock,
  store,
  local,
  signals: silentSignals,
});
const message = (given: Partial<RateLimitRequest> = {}): Uint8Array =>
  RateLimitRequest.encode({
    domain: 'shop',
    descriptors: [
      { entries: [{ key: 'a', value: 'b' }], limit: undefined, hitsAddend: undefined, isNegativeHits: false },
    ],
    hitsAddend: 0,
    ...given,
  }).finish();
async function answerOf(deps: ReturnType<typeof depsOf>, bytes = message()): Promise<RateLimitResponse> {
  const answer = await shouldRateLimit(bytes, deps);
  assert.ok(answer.kind === 'answer');
  return RateLimitResponse.decode(answer.message);
}

test('a descriptor within its limit is OK, with what is left and whole seconds to the reset', async () => {
  const answer = await answerOf(
    depsOf(
      limit,
      storeOf(() => [status()]),
    ),
  );
  assert.equal(answer.overallCode, 1);
  assert.equal(answer.statuses[0]?.limitRemaining, 4);
  assert.equal(answer.statuses[0]?.durationUntilReset?.seconds, 2n);
});

test('one descriptor over its limit makes the call over', async () => {
  const answer = await answerOf(
    depsOf(
      limit,
      storeOf(() => [status({ allowed: false, remaining: 0 })]),
    ),
  );
  assert.equal(answer.overallCode, 2);
});

test('no limit and unlimited are OK without a count', async () => {
  const store = storeOf(() => []);
  assert.equal((await answerOf(depsOf(undefined, store))).statuses[0]?.limitRemaining, 0);
  assert.equal((await answerOf(depsOf('unlimited', store))).statuses[0]?.limitRemaining, 0xffff_ffff);
  assert.deepEqual(store.takes, []);
});

test('a descriptor’s own addend wins, also 0, and what no double can hold is clamped', async () => {
  const entry = { entries: [{ key: 'a', value: 'b' }], limit: undefined, isNegativeHits: false };
  const hitsFor = async (hitsAddend: bigint | undefined, request: number): Promise<number | undefined> => {
    const store = storeOf((takes) => takes.map(() => status()));
    await answerOf(depsOf(limit, store), message({ hitsAddend: request, descriptors: [{ ...entry, hitsAddend }] }));
    return store.takes[0]?.hits;
  };
  assert.equal(await hitsFor(undefined, 0), 1);
  assert.equal(await hitsFor(undefined, 7), 7);
  assert.equal(await hitsFor(0n, 7), 0);
  assert.equal(await hitsFor(2n ** 64n - 1n, 1), Number.MAX_SAFE_INTEGER);
});

test('while the store is away, memory counts', async () => {
  const answer = await answerOf(
    depsOf(
      limit,
      away,
      storeOf(() => [status({ remaining: 3 })]),
    ),
  );
  assert.equal(answer.statuses[0]?.limitRemaining, 3);
});

test('a store that counts too few takes lets nothing through', async () => {
  assert.equal(
    (
      await answerOf(
        depsOf(
          limit,
          storeOf(() => []),
        ),
      )
    ).overallCode,
    2,
  );
});

test('calls that are wrong in themselves say why', async () => {
  const problem = async (bytes: Uint8Array, match: DescriptorMatch | 'none' = limit): Promise<string> => {
    const answer = await shouldRateLimit(bytes, depsOf(match, away));
    return answer.kind === 'invalid' ? answer.problem : '';
  };
  assert.equal(await problem(message({ domain: '' })), 'rate limit domain must not be empty');
  assert.equal(await problem(message({ descriptors: [] })), 'rate limit descriptor list must not be empty');
  assert.equal(await problem(message(), 'none'), 'no rate limit configuration loaded');
  assert.equal(await problem(new Uint8Array([0xff])), 'the request cannot be decoded');
});
