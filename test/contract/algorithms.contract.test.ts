import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Algorithm, CounterStore, LimitRule, LimitStatus } from '../../src/core/limit.ts';
import { silentLog, silentSignals } from '../../src/core/ports.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createRedisStore } from '../../src/store/index.ts';
import { connected, type RedisServer, startRedis } from '../support/redis.ts';

interface Hit {
  readonly afterMs: number;
  readonly hits: number;
}

// Periods far above the time that a trace takes, so that no key expires by the server's own clock in the middle.
const rules: fc.Arbitrary<LimitRule> = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(100, 4_294_967_295)),
  periodMs: fc.constantFrom(60_000, 61_007, 3_600_000, 31_536_000_000),
  burst: fc.integer({ min: 1, max: 15 }),
});
const startMs = 1_700_000_000_123;

const traces = (maxLength: number, minStep = 0): fc.Arbitrary<readonly Hit[]> =>
  fc.array(
    fc.record({
      afterMs: fc.oneof(
        fc.integer({ min: minStep, max: 50 }),
        fc.integer({ min: 500, max: 20_000 }),
        fc.integer({ min: 50_000, max: 200_000 }),
      ),
      hits: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 6 }), fc.constantFrom(20, Number.MAX_SAFE_INTEGER)),
    }),
    { minLength: 1, maxLength },
  );

/** A counter that runs an algorithm as a store does: what is denied or only looks is not kept. */
function counterOf(algorithm: Algorithm, rule: LimitRule) {
  let state: readonly number[] | undefined;
  return (nowMs: number, hits: number): LimitStatus => {
    const step = algorithm.step(state, nowMs, rule, hits);
    if (step.status.allowed && hits > 0) state = step.state;
    return step.status;
  };
}

/** The most hits in any window of this algorithm's kind. */
const bounds = {
  fixed_window: (rule: LimitRule) => 2 * rule.count,
  sliding_window: (rule: LimitRule) => rule.count,
  token_bucket: (rule: LimitRule) => rule.burst + rule.count,
} as const satisfies Record<keyof typeof algorithms, (rule: LimitRule) => number>;

for (const [name, algorithm] of Object.entries(algorithms)) {
  suite(`algorithm ${name}`, () => {
    test('never admits more than its bound in any window', () => {
      fc.assert(
        fc.property(rules, traces(150), (rule, trace) => {
          const counter = counterOf(algorithm, rule);
          const bound = bounds[name as keyof typeof algorithms](rule); // a key of the table that is walked
          const admitted: { readonly atMs: number; readonly hits: number }[] = [];
          let nowMs = startMs;
          for (const { afterMs, hits } of trace) {
            nowMs += afterMs;
            if (!counter(nowMs, hits).allowed) continue;
            admitted.push({ atMs: nowMs, hits });
            const window = admitted.filter(({ atMs }) => atMs > nowMs - rule.periodMs);
            const sum = window.reduce((total, hit) => total + hit.hits, 0);
            assert.ok(sum <= bound, `${sum} hits in a window, at most ${bound} may be`);
          }
        }),
        { numRuns: 150 },
      );
    });

    test('says to the millisecond when the same take is allowed', () => {
      fc.assert(
        fc.property(rules, traces(80), (rule, trace) => {
          const counter = counterOf(algorithm, rule);
          let nowMs = startMs;
          for (const { afterMs, hits } of trace) {
            nowMs += afterMs;
            const { allowed, retryAfterMs } = counter(nowMs, hits);
            if (allowed) assert.equal(retryAfterMs, undefined);
            if (retryAfterMs === undefined) continue;
            assert.equal(counter(nowMs + retryAfterMs - 1, hits).allowed, false);
            nowMs += retryAfterMs;
            assert.equal(counter(nowMs, hits).allowed, true);
          }
        }),
        { numRuns: 150 },
      );
    });

    test('never promises what will not come', () => {
      const rule = { count: 5, periodMs: 60_000, burst: 5 };
      const { status } = algorithm.step(undefined, startMs, rule, 6);
      assert.equal(status.allowed, false);
      assert.equal(status.retryAfterMs, undefined);
      assert.equal(status.remaining, 5);
    });

    test('is as good as new after the reset', () => {
      fc.assert(
        fc.property(rules, traces(40), (rule, trace) => {
          const counter = counterOf(algorithm, rule);
          let nowMs = startMs;
          for (const { afterMs, hits } of trace) {
            nowMs += afterMs;
            counter(nowMs, hits);
          }
          const { resetMs } = counter(nowMs, 0);
          const fresh = counterOf(algorithm, rule)(nowMs + resetMs, 0).remaining;
          assert.equal(counter(nowMs + resetMs, 0).remaining, fresh);
        }),
        { numRuns: 100 },
      );
    });

    test('forgets nothing when the clock steps back', () => {
      const rule = { count: 3, periodMs: 60_000, burst: 3 };
      const counter = counterOf(algorithm, rule);
      const nowMs = 1_700_000_040_000;
      assert.equal(counter(nowMs, 2).remaining, 1);
      assert.equal(counter(nowMs - 45_000, 0).remaining, 1);
      assert.equal(counter(nowMs - 45_000, 1).remaining, 0);
      assert.equal(counter(nowMs - 44_999, 1).allowed, false);
    });

    test('a state and its time to live stay small', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 300, maxLength: 400 }), (gaps) => {
          const rule = { count: 1000, periodMs: 60_000, burst: 1000 };
          let state: readonly number[] | undefined;
          let nowMs = startMs;
          for (const gap of gaps) {
            nowMs += gap;
            const step = algorithm.step(state, nowMs, rule, 1);
            if (step.status.allowed) state = step.state;
            assert.ok(step.state.length <= 122);
            assert.ok(step.ttlMs <= rule.periodMs);
          }
        }),
        { numRuns: 20 },
      );
    });
  });
}

suite('algorithms in Lua', () => {
  let server: RedisServer;
  let store: CounterStore;
  let scriptNowMs = startMs;
  before(async () => {
    server = await startRedis();
    store = createRedisStore({
      url: server.url,
      algorithms,
      timeoutMs: 5000,
      signals: silentSignals,
      log: silentLog,
      scriptNowMs: () => scriptNowMs,
    });
    await connected(store);
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  let counters = 0;
  for (const [name, algorithm] of Object.entries(algorithms)) {
    test(`${name} gives the numbers of its TypeScript`, async () => {
      const clocks = fc.oneof({ weight: 4, arbitrary: traces(30) }, { weight: 1, arbitrary: traces(30, -100_000) });
      await fc.assert(
        fc.asyncProperty(rules, clocks, async (rule, trace) => {
          const counter = counterOf(algorithm, rule);
          counters += 1;
          const key = `trace ${counters}`;
          scriptNowMs = startMs;
          for (const { afterMs, hits } of trace) {
            scriptNowMs += afterMs;
            const [status] = await store.take([{ key, algorithm: name, rule, hits }], 'each');
            assert.deepEqual(status, counter(scriptNowMs, hits));
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  test('large rates keep every digit', async () => {
    const rule = { count: 999_999_999, periodMs: 86_400_000, burst: 1_000_000_000 };
    const counter = counterOf(algorithms.token_bucket, rule);
    for (const hits of [1, 999_999_998, 3, 0, 1]) {
      scriptNowMs += 1;
      const [status] = await store.take([{ key: 'large', algorithm: 'token_bucket', rule, hits }], 'each');
      assert.deepEqual(status, counter(scriptNowMs, hits));
    }
  });

  test('no key is left without a time to live', async () => {
    const keys = (await server.command('KEYS', '*')) as string[]; // what KEYS replies with
    assert.ok(keys.length > 50);
    for (const key of keys) assert.notEqual(await server.command('PTTL', key), -1, key);
  });
});
