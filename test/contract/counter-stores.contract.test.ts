import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import fc from 'fast-check';
import type { CounterStore, Take } from '../../src/core/limit.ts';
import { type Log, type Signals, silentLog, silentSignals } from '../../src/core/ports.ts';
import { type AlgorithmName, algorithms } from '../../src/limit/index.ts';
import { createMemoryStore, createRedisStore, StoreUnavailable } from '../../src/store/index.ts';
import { connected, type RedisServer, startRedis } from '../support/redis.ts';

const rule = { count: 5, periodMs: 60_000, burst: 5 };
const takeOf = (key: string, hits = 1, algorithm: AlgorithmName = 'sliding_window'): Take => ({
  key,
  algorithm,
  rule,
  hits,
});
const names = Object.keys(algorithms) as AlgorithmName[]; // keys of a literal
const startMs = 1_700_000_000_000;

let server: RedisServer;
let nowMs = startMs;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

const redisStore = (url: string, more: { timeoutMs?: number; signals?: Signals; log?: Log } = {}): CounterStore =>
  createRedisStore({ url, algorithms, timeoutMs: 5000, signals: silentSignals, log: silentLog, ...more });

/** Every counter store, with the time in the test's hand. */
const stores = {
  memory: () => createMemoryStore({ algorithms, clock, maxKeys: 10_000 }),
  redis: () =>
    createRedisStore({
      url: server.url,
      algorithms,
      timeoutMs: 5000,
      signals: silentSignals,
      log: silentLog,
      scriptNowMs: () => nowMs,
    }),
} as const satisfies Record<string, () => CounterStore>;

before(async () => {
  server = await startRedis();
});
after(() => server.stop());

for (const [name, create] of Object.entries(stores)) {
  suite(`counter store ${name}`, () => {
    let store: CounterStore;
    before(async () => {
      store = create();
      await connected(store);
    });
    after(() => store.close());
    beforeEach(async () => {
      nowMs += 1_000_000;
      await server.flushAll();
    });

    const remaining = async (key: string, algorithm: AlgorithmName = 'sliding_window'): Promise<number> => {
      const [status] = await store.take([takeOf(key, 0, algorithm)], 'each');
      return status?.remaining ?? Number.NaN;
    };

    test('counts down to a denial and says when to come back', async () => {
      for (const left of [4, 3, 2, 1, 0]) {
        const [status] = await store.take([takeOf(`${name} down`)], 'each');
        assert.deepEqual(status, { allowed: true, remaining: left, resetMs: 60_000, retryAfterMs: undefined });
      }
      const [status] = await store.take([takeOf(`${name} down`)], 'each');
      assert.deepEqual(status, { allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 60_000 });
      nowMs += 59_999;
      assert.equal(await remaining(`${name} down`), 0);
      nowMs += 1;
      assert.equal(await remaining(`${name} down`), 5);
    });

    test('takes nothing takes nothing', async () => {
      assert.deepEqual(await store.take([], 'each'), []);
    });

    test('an unknown algorithm is a bug and counts nothing', async () => {
      const wrong = { ...takeOf(`${name} wrong`), algorithm: 'toString' };
      await assert.rejects(store.take([takeOf(`${name} wrong`), wrong], 'each'), TypeError);
      assert.equal(await remaining(`${name} wrong`), 5);
    });

    for (const algorithm of names) {
      test(`${algorithm}: looking changes nothing`, async () => {
        const key = `${name} look ${algorithm}`;
        await store.take([takeOf(key, 2, algorithm)], 'each');
        const looks = [await remaining(key, algorithm), await remaining(key, algorithm)];
        assert.deepEqual(looks, [3, 3]);
        const [full] = await store.take([takeOf(key, 3, algorithm)], 'each');
        assert.equal(full?.remaining, 0);
        const [look] = await store.take([takeOf(key, 0, algorithm)], 'each');
        assert.equal(look?.allowed, true);
      });

      test(`${algorithm}: a denial does not count`, async () => {
        const key = `${name} denied ${algorithm}`;
        await store.take([takeOf(key, 3, algorithm)], 'each');
        const [status] = await store.take([takeOf(key, 3, algorithm)], 'each');
        assert.equal(status?.allowed, false);
        assert.equal(status?.remaining, 2);
        assert.equal((await store.take([takeOf(key, 2, algorithm)], 'each'))[0]?.allowed, true);
      });

      test(`${algorithm}: calls in parallel admit what calls in a row do`, async () => {
        const key = `${name} parallel ${algorithm}`;
        const answers = await Promise.all(
          Array.from({ length: 64 }, () => store.take([takeOf(key, 1, algorithm)], 'all_or_nothing')),
        );
        assert.equal(answers.filter(([status]) => status?.allowed).length, 5);
      });
    }

    test('each: every take is on its own', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((key) => `${name} each ${key}`) as [string, string, string]; // three in, three out
      const statuses = await store.take([takeOf(a, 2), takeOf(b, 6), takeOf(c, 5)], 'each');
      assert.deepEqual(
        statuses.map(({ allowed, remaining }) => [allowed, remaining]),
        [
          [true, 3],
          [false, 5],
          [true, 0],
        ],
      );
    });

    test('all or nothing: one denial and none counts', async () => {
      const [a, b] = [`${name} all a`, `${name} all b`];
      await store.take([takeOf(b, 5)], 'each');
      const statuses = await store.take([takeOf(a, 2), takeOf(b, 1)], 'all_or_nothing');
      assert.deepEqual(
        statuses.map(({ allowed, remaining, retryAfterMs }) => [allowed, remaining, retryAfterMs]),
        [
          [true, 5, undefined],
          [false, 0, 60_000],
        ],
      );
      assert.equal(await remaining(a), 5);
      const both = await store.take([takeOf(a, 2), takeOf(`${name} all c`, 1)], 'all_or_nothing');
      assert.deepEqual(
        both.map(({ allowed, remaining }) => [allowed, remaining]),
        [
          [true, 3],
          [true, 4],
        ],
      );
    });

    test('the same counter twice in a call counts twice or not at all', async () => {
      const key = `${name} twice`;
      const first = await store.take([takeOf(key, 2), takeOf(key, 2)], 'all_or_nothing');
      assert.deepEqual(
        first.map(({ remaining }) => remaining),
        [3, 1],
      );
      const second = await store.take([takeOf(key, 1), takeOf(key, 1)], 'all_or_nothing');
      assert.deepEqual(
        second.map(({ allowed, remaining }) => [allowed, remaining]),
        [
          [true, 1],
          [false, 1],
        ],
      );
      assert.equal(await remaining(key), 1);
    });

    test('keys of any text are counters apart', async () => {
      const odd = ['', ' ', '{x}', '{', 'é', 'a b', 'a\u0000b', '\r\n', 'x'.repeat(500)].map((key) => `${name} ${key}`);
      await store.take(
        odd.map((key, index) => takeOf(key, index % 5)),
        'each',
      );
      for (const [index, key] of odd.entries())
        assert.equal(await remaining(key), 5 - (index % 5), JSON.stringify(key));
    });
  });
}

test('memory and Redis say the same of any mix of calls', async () => {
  const memory = stores.memory();
  const redis = stores.redis();
  await connected(redis);
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 30_000 }),
    mode: fc.constantFrom('each' as const, 'all_or_nothing' as const),
    takes: fc.array(
      fc.record({ key: fc.constantFrom('m1', 'm2', 'm3'), algorithm: fc.constantFrom(...names), hits: fc.nat(4) }),
      { minLength: 1, maxLength: 5 },
    ),
  });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        nowMs += 10_000_000;
        for (const { afterMs, mode, takes } of steps) {
          nowMs += afterMs;
          const whole = takes.map(({ key, algorithm, hits }) => takeOf(`${algorithm} ${key}`, hits, algorithm));
          assert.deepEqual(await redis.take(whole, mode), await memory.take(whole, mode));
        }
      }),
      { numRuns: 80 },
    );
  } finally {
    await redis.close();
    await memory.close();
  }
});

suite('Redis in trouble', () => {
  /** A store and what it told; closed after the test. */
  async function withStore(
    url: string,
    timeoutMs: number,
    body: (store: CounterStore, told: { readonly outcomes: string[]; readonly lines: string[] }) => Promise<void>,
  ): Promise<void> {
    const told = { outcomes: [] as string[], lines: [] as string[] };
    const tell = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      told.lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const signals = { ...silentSignals, storeCalled: (outcome: string) => void told.outcomes.push(outcome) };
    const store = redisStore(url, { timeoutMs, signals, log: { info: tell, warn: tell, error: tell } });
    try {
      await body(store, told);
    } finally {
      await store.close();
    }
  }

  test('calls of one turn share a script call', async () => {
    await withStore(server.url, 5000, async (store, { outcomes }) => {
      await connected(store);
      outcomes.length = 0;
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => store.take([takeOf(`turn ${index % 4}`)], 'each')),
      );
      assert.equal(answers.filter(([status]) => status?.allowed).length, 20);
      assert.deepEqual(outcomes, ['ok']);
    });
  });

  test('all the keys have a time to live', async () => {
    const keys = (await server.command('KEYS', '*')) as string[]; // what KEYS replies with
    assert.ok(keys.length >= 4);
    for (const key of keys) assert.notEqual(await server.command('PTTL', key), -1, key);
  });

  test('a script that Redis forgot is loaded again and counts once', async () => {
    await withStore(server.url, 5000, async (store, { outcomes }) => {
      await connected(store);
      await server.command('SCRIPT', 'FLUSH');
      const [status] = await store.take([takeOf('forgot')], 'each');
      assert.equal(status?.remaining, 4);
      assert.ok(!outcomes.includes('error'));
    });
  });

  test("the server's own clock counts", async () => {
    await withStore(server.url, 5000, async (store) => {
      await connected(store);
      const [first] = await store.take([takeOf('own clock', 5)], 'each');
      const [second] = await store.take([takeOf('own clock', 1)], 'each');
      assert.deepEqual([first?.allowed, second?.allowed], [true, false]);
      assert.ok((second?.retryAfterMs ?? 0) > 50_000);
    });
  });

  test('an error of Redis rejects, and the next call works', async () => {
    await withStore(server.url, 5000, async (store, { outcomes }) => {
      await connected(store);
      await server.command('RPUSH', 'portcullis:c1:odd', 'no state of ours');
      await assert.rejects(store.take([takeOf('odd')], 'each'), StoreUnavailable);
      assert.equal(outcomes.at(-1), 'error');
      assert.equal((await store.take([takeOf('even')], 'each')).length, 1);
    });
  });

  test('a silent Redis rejects after the timeout, is then left alone, and comes back', async () => {
    await withStore(server.url, 20, async (store, { outcomes }) => {
      await connected(store);
      outcomes.length = 0;
      server.freeze();
      try {
        for (let call = 0; call < 5; call += 1) {
          await assert.rejects(store.take([takeOf('silent')], 'each'), /did not answer within 20 ms/);
        }
        await assert.rejects(store.take([takeOf('silent')], 'each'), /left alone/);
        assert.deepEqual(outcomes, Array(5).fill('timeout'));
      } finally {
        server.thaw();
      }
      await connected(store);
    });
  });

  test('a paused Redis rejects with its name', async () => {
    await withStore(server.url, 20, async (store) => {
      await connected(store);
      await server.pause(100);
      await assert.rejects(store.take([takeOf('paused')], 'each'), { name: 'StoreUnavailable' });
      await connected(store);
    });
  });

  test('a killed Redis rejects at once, and heals without counting twice', async () => {
    const own = await startRedis();
    try {
      await withStore(own.url, 5000, async (store, { outcomes, lines }) => {
        await connected(store);
        const inFlight = Array.from({ length: 10 }, () =>
          store.take([takeOf('killed')], 'each').catch(() => undefined),
        );
        await own.kill();
        await Promise.all(inFlight);
        // The socket's end may be seen a moment after the process's: until then a call may still go out, and fails.
        while ((await reasonOf(store)) !== 'the counter store is not connected') {}
        const called = outcomes.length;
        await assert.rejects(store.take([takeOf('killed')], 'each'), StoreUnavailable);
        assert.equal(outcomes.length, called, 'nothing is sent while it is away');
        await own.revive();
        await connected(store);
        const [status] = await store.take([takeOf('killed')], 'each');
        assert.equal(status?.remaining, 4, 'nothing of what failed was sent again');
        assert.ok(lines.some((line) => line.includes('is away')));
        assert.ok(lines.at(-1)?.startsWith('the counter store is connected'));
      });
    } finally {
      await own.stop();
    }
  });

  test('a store without a Redis rejects at once', async () => {
    const own = await startRedis();
    await own.stop();
    await withStore(own.url, 5000, async (store, { outcomes }) => {
      await assert.rejects(store.take([takeOf('nobody')], 'each'), StoreUnavailable);
      assert.deepEqual(outcomes, []);
    });
  });

  test('a closed store rejects, also what was waiting', async () => {
    const lines: string[] = [];
    const tell = (_: unknown, message: string): void => void lines.push(message);
    const store = redisStore(server.url, { log: { info: tell, warn: tell, error: tell } });
    await connected(store);
    const waiting = store.take([takeOf('closing')], 'each');
    const rejected = assert.rejects(waiting, /closed/);
    await store.close();
    await rejected;
    await assert.rejects(store.take([takeOf('closed')], 'each'), /closed/);
    assert.deepEqual(lines, ['the counter store is connected'], 'its own end is no trouble');
  });

  test('a password opens and a wrong one is never told', async () => {
    const own = await startRedis({ password: 's3cret/with:odd@chars' });
    try {
      await withStore(own.url, 5000, async (store, { lines }) => {
        await connected(store);
        assert.ok(!lines.join().includes('s3cret'));
      });
      await own.command('ACL', 'SETUSER', 'gate', 'on', '>t0pless', '~portcullis:*', '+@all', '-info', '-client');
      await withStore(`redis://gate:t0pless@127.0.0.1:${own.port}`, 5000, (store) => connected(store));
      await withStore(`redis://gate:wr0ngword@127.0.0.1:${own.port}`, 5000, async (store, { lines }) => {
        while (!lines.some((line) => line.includes('WRONGPASS'))) await new Promise((resolve) => setImmediate(resolve));
        const why = await reasonOf(store);
        assert.ok(!`${lines.join()} ${why}`.includes('wr0ngword'));
      });
    } finally {
      await own.stop();
    }
  });

  test('what is no URL is said without it', () => {
    assert.throws(
      () => redisStore('redis://user:s3cret@[bad'),
      (error: unknown) => error instanceof TypeError && !JSON.stringify(error).includes('s3cret'),
    );
  });

  async function reasonOf(store: CounterStore): Promise<string | undefined> {
    try {
      await store.take([takeOf('why', 0)], 'each');
      return undefined;
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve));
      return error instanceof Error ? error.message : String(error);
    }
  }
});
