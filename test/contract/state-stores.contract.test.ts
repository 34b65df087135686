import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { type Log, type Signals, silentLog, silentSignals } from '../../src/core/ports.ts';
import type { StateStore } from '../../src/core/state.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createMemoryState, createRedisState, createRedisStore, StoreUnavailable } from '../../src/store/index.ts';
import { openTime } from '../support/authn.ts';
import { connected, type RedisServer, startRedis } from '../support/redis.ts';

let server: RedisServer;
before(async () => {
  server = await startRedis();
});
after(() => server.stop());

interface RedisParts {
  readonly timeoutMs?: number;
  readonly signals?: Signals;
  readonly log?: Log;
}

const redisState = (url: string, parts: RedisParts = {}): StateStore =>
  createRedisState({ url, timeoutMs: 5000, signals: silentSignals, log: silentLog, ...parts });

/** Resolves once a store answers. */
const answers = (store: StateStore): Promise<void> =>
  waitFor({
    what: 'the state store answers',
    holds: () =>
      store.values.get('any').then(
        () => true,
        () => false,
      ),
  });

/** A store of a Redis, which is closed after the test. */
async function open(context: TestContext, url: string, parts: RedisParts = {}): Promise<StateStore> {
  const store = redisState(url, parts);
  context.after(() => store.close());
  await answers(store);
  return store;
}

/** Everything that a log hands over, in its order. */
function listen(context: TestContext, store: StateStore, name: string) {
  const heard: string[] = [];
  const follower = store.log(name).follow((entry) => heard.push(entry));
  context.after(() => follower.close());
  return { heard, follower };
}
const hears = (heard: readonly string[], ...entries: readonly string[]): Promise<void> =>
  waitFor({
    what: `${entries} is heard`,
    holds: async () => entries.every((entry) => heard.includes(entry)),
  });

const collect = async (store: StateStore, table: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for await (const [id, record] of store.table(table).entries()) found.set(id, record);
  return found;
};

const odd = ['', ' ', '{tag}', '{', 'é€😀', 'a b', 'a\u0000b', '\r\n', '*', 'x'.repeat(1024 ** 2)] as const;

/** Every state store; over: lets a life of so many milliseconds end. */
const stores = {
  memory: () => {
    const time = openTime();
    return { store: createMemoryState(time.clock), over: async (ms: number) => time.advance(ms) };
  },
  redis: () => ({
    store: redisState(server.url),
    over: async (ms: number) => {
      const untilMs = performance.now() + ms;
      await waitFor({ what: 'that time is over', holds: async () => performance.now() > untilMs + 5 });
    },
  }),
} as const satisfies Record<string, () => { store: StateStore; over: (ms: number) => Promise<void> }>;

for (const [name, create] of Object.entries(stores)) {
  suite(`state store ${name}`, () => {
    let store: StateStore;
    let over: (ms: number) => Promise<void>;
    before(async () => {
      ({ store, over } = create());
      await answers(store);
    });
    after(() => store.close());

    test('a value is what was put last, until it is removed', async () => {
      const { values } = store;
      assert.equal(await values.get('k'), undefined);
      await values.put('k', 'one', 60_000);
      await values.put('k', 'two', 60_000);
      assert.equal(await values.get('k'), 'two');
      assert.deepEqual([await values.remove('k'), await values.remove('k')], [true, false]);
      assert.equal(await values.get('k'), undefined);
    });

    test('a value ends with its life, and a second put gives it a new one', async () => {
      const { values } = store;
      await values.put('short', 'v', 30.5);
      await values.put('longer', 'v', 30);
      await values.put('longer', 'v', 60_000);
      await values.put('none', 'v', 0);
      await values.put('past', 'v', -5);
      await over(40);
      assert.deepEqual(await Promise.all(['short', 'longer', 'none', 'past'].map(values.get)), [
        undefined,
        'v',
        undefined,
        undefined,
      ]);
      assert.equal(await values.remove('short'), false);
    });

    test('a life without end is a long one, and no number is a bug', async () => {
      await store.values.put('forever', 'v', Number.POSITIVE_INFINITY);
      assert.equal(await store.values.get('forever'), 'v');
      await assert.rejects(store.values.put('never', 'v', Number.NaN), RangeError);
    });

    test('one claim of many is granted, until what it claimed ends', async () => {
      const { values } = store;
      const claims = await Promise.all(Array.from({ length: 50 }, (_, at) => values.claim('mark', String(at), 60_000)));
      assert.equal(claims.filter(Boolean).length, 1);
      assert.equal(await values.get('mark'), String(claims.indexOf(true)));
      assert.equal(await values.claim('brief', 'a', 20), true);
      await over(30);
      assert.equal(await values.claim('brief', 'b', 60_000), true);
      assert.equal(await values.claim('brief', 'c', 60_000), false);
      assert.equal(await values.remove('brief'), true);
      assert.equal(await values.claim('brief', 'd', 60_000), true);
    });

    test('a claim finds what was put, and a put takes over what was claimed', async () => {
      await store.values.put('there', 'put', 60_000);
      assert.equal(await store.values.claim('there', 'claimed', 60_000), false);
      await store.values.claim('other', 'claimed', 60_000);
      await store.values.put('other', 'put', 60_000);
      assert.equal(await store.values.get('other'), 'put');
      assert.equal(await store.values.remove('other'), true);
      assert.equal(await store.values.get('other'), undefined);
    });

    test('keys and values of any text are kept as they are', async () => {
      for (const [at, text] of odd.entries()) await store.values.put(`odd ${text}`, `${at} ${text}`, 60_000);
      for (const [at, text] of odd.entries()) assert.ok((await store.values.get(`odd ${text}`)) === `${at} ${text}`);
    });

    test('a table keeps records apart by id, and tables apart by name', async () => {
      const table = store.table('people');
      for (const [at, text] of odd.entries()) await table.put(text, `${at} ${text}`);
      await table.put('a b', 'newer');
      assert.equal(await table.get('a b'), 'newer');
      assert.equal(await store.table('things').get('a b'), undefined);
      assert.deepEqual(await collect(store, 'things'), new Map());
      assert.deepEqual(
        [await table.remove(' '), await table.remove(' '), await table.get(' ')],
        [true, false, undefined],
      );
      const records = await collect(store, 'people');
      assert.equal(records.size, odd.length - 1);
      assert.equal(records.get('\r\n'), `${odd.indexOf('\r\n')} \r\n`);
    });

    test('a walk over a large table gives every record that stays', async () => {
      const table = store.table('many');
      await Promise.all(Array.from({ length: 3000 }, (_, at) => table.put(`id${at}`, String(at))));
      const seen = new Set<string>();
      for await (const [id] of table.entries()) {
        if (seen.size === 0) await table.remove('id2999');
        seen.add(id);
      }
      assert.ok(seen.size >= 2999);
    });

    test('a log hands over what it holds, then what is added, in one order', async (context) => {
      const log = store.log('news');
      await log.append('first', 60_000);
      await log.append('second\u0000\n', 60_000);
      const one = listen(context, store, 'news');
      await waitFor({ what: 'the follower has caught up', holds: async () => one.follower.ready() });
      assert.deepEqual(one.heard, ['first', 'second\u0000\n']);
      await log.append('third', 60_000);
      await hears(one.heard, 'third');
      assert.deepEqual(one.heard, ['first', 'second\u0000\n', 'third']);
      const other = listen(context, store, 'other news');
      await waitFor({ what: 'the other has caught up', holds: async () => other.follower.ready() });
      assert.deepEqual(other.heard, []);
    });

    test('whoever follows is told once when everything has been taken, and hears nothing after its end', async (context) => {
      await store.log('calls').append('before', 60_000);
      let caughtUp = 0;
      const heard: string[] = [];
      const follower = store.log('calls').follow(
        (entry) => heard.push(entry),
        () => {
          caughtUp += 1;
          assert.deepEqual(heard, ['before']);
        },
      );
      await waitFor({ what: 'the follower has caught up', holds: async () => caughtUp === 1 });
      assert.equal(follower.ready(), true);
      follower.close();
      const witness = listen(context, store, 'calls');
      await store.log('calls').append('after', 60_000);
      await hears(witness.heard, 'after');
      assert.deepEqual([heard, caughtUp], [['before'], 1]);
    });

    test('an entry stays as long as it is kept, whatever ends before and after it', async (context) => {
      const log = store.log('mixed');
      await log.append('long', 60_000);
      for (let at = 0; at < 200; at += 1) await log.append(`short ${at}`, 5);
      await log.append('also long', 60_000);
      await over(10);
      // Each append removes a bounded number of what is over.
      for (let at = 0; at < 5; at += 1) await log.append(`last ${at}`, 60_000);
      const { heard } = listen(context, store, 'mixed');
      await hears(heard, 'last 4');
      assert.deepEqual(heard, ['long', 'also long', 'last 0', 'last 1', 'last 2', 'last 3', 'last 4']);
    });

    test('names of values, tables and logs are apart', async (context) => {
      await store.values.put('same', 'value', 60_000);
      await store.table('same').put('id', 'record');
      await store.log('same').append('entry', 60_000);
      assert.equal(await store.values.get('same'), 'value');
      assert.equal(await store.table('same').get('id'), 'record');
      await hears(listen(context, store, 'same').heard, 'entry');
    });
  });
}

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

suite('state in Redis', () => {
  test('two clients share all of it, and hear of each other', async (context) => {
    const [one, other] = [await open(context, server.url), await open(context, server.url)];
    await one.values.put('shared', 'v', 60_000);
    assert.equal(await other.values.get('shared'), 'v');
    assert.equal(await other.values.claim('shared', 'w', 60_000), false);
    await other.table('shared').put('id', 'record');
    assert.equal(await one.table('shared').get('id'), 'record');
    const heardByOne = listen(context, one, 'shared').heard;
    const heardByOther = listen(context, other, 'shared').heard;
    for (let at = 0; at < 5; at += 1) {
      await one.log('shared').append(`one ${at}`, 60_000);
      await hears(heardByOther, `one ${at}`);
      await other.log('shared').append(`other ${at}`, 60_000);
      await hears(heardByOne, `other ${at}`);
    }
    assert.deepEqual(heardByOne, heardByOther);
  });

  test('more entries than one look takes are all there when the follower is ready', async (context) => {
    const store = await open(context, server.url);
    await Promise.all(Array.from({ length: 1700 }, (_, at) => store.log('long').append(String(at), 60_000)));
    const { heard, follower } = listen(context, store, 'long');
    await waitFor({ what: 'the follower has caught up', holds: async () => follower.ready() });
    assert.equal(new Set(heard).size, 1700);
  });

  test('values have a life, and what must not be evicted has none', async (context) => {
    const store = await open(context, server.url);
    await store.values.put('mortal', 'v', 60_000);
    await store.table('lasting').put('id', 'r');
    await store.log('lasting').append('e', 60_000);
    const ttl = (key: string): Promise<unknown> => server.command('PTTL', `portcullis:s1:${key}`);
    assert.ok(Number(await ttl('v:mortal')) > 50_000);
    for (const key of ['t:lasting', 'l:{lasting}', 'l:{lasting}:ends']) assert.equal(await ttl(key), -1, key);
  });

  test('what somebody else put under our names is no state, and nothing of it is told', async (context) => {
    const store = await open(context, server.url);
    const fails = (call: Promise<unknown>): Promise<void> =>
      assert.rejects(call, { name: 'StoreUnavailable', message: /^the state store answered WRONGTYPE$/ });
    await server.command('RPUSH', 'portcullis:s1:v:list', 's3cret');
    await fails(store.values.get('list'));
    await server.command('SET', 'portcullis:s1:t:text', 's3cret');
    await fails(store.table('text').get('id'));
    await fails(collect(store, 'text'));
    await server.command('SET', 'portcullis:s1:l:{text}', 's3cret');
    await fails(store.log('text').append('e', 1000));
    assert.equal(await store.values.get('nothing'), undefined);
  });

  test('entries that are not of our shape are passed over', async (context) => {
    const store = await open(context, server.url);
    await server.command('XADD', 'portcullis:s1:l:{foreign}', '*', 'x', '1');
    await store.log('foreign').append('ours', 60_000);
    const { heard } = listen(context, store, 'foreign');
    await hears(heard, 'ours');
    assert.deepEqual(heard, ['ours']);
  });

  test('whoever cannot take an entry hears of the next one', async (context) => {
    const errors: unknown[] = [];
    const store = await open(context, server.url, { log: { ...silentLog, error: (fields) => errors.push(fields) } });
    await store.log('sharp').append('bad', 60_000);
    await store.log('sharp').append('good', 60_000);
    const heard: string[] = [];
    const follower = store.log('sharp').follow((entry) => {
      if (entry === 'bad') throw new RangeError('a secret');
      heard.push(entry);
    });
    context.after(() => follower.close());
    await hears(heard, 'good');
    assert.deepEqual(errors, [{ log: 'sharp', error: 'RangeError' }]);
  });

  test('Redis that hangs: every call is refused in time, then at once, and all heals', async (context) => {
    const outcomes: string[] = [];
    const current: boolean[] = [];
    const signals = {
      ...silentSignals,
      stateCalled: (outcome: string) => void outcomes.push(outcome),
      logFollowed: (_: string, is: boolean) => void current.push(is),
    };
    const store = await open(context, server.url, { timeoutMs: 100, signals });
    await store.values.put('kept', 'v', 60_000);
    const { heard, follower } = listen(context, store, 'hang');
    await waitFor({ what: 'the follower has caught up', holds: async () => follower.ready() });
    server.freeze();
    try {
      const calls = [
        store.values.get('kept'),
        store.values.put('kept', 'w', 60_000),
        store.values.claim('new', 'v', 60_000),
        store.values.remove('none'),
        store.table('t').get('id'),
        collect(store, 't'),
        store.log('hang').append('lost?', 60_000),
      ];
      for (const ended of await Promise.allSettled(calls)) {
        assert.equal(ended.status, 'rejected');
        assert.ok(ended.reason instanceof StoreUnavailable);
      }
      await assert.rejects(store.values.get('kept'), /left alone|not connected/);
      await waitFor({ what: 'the follower knows', holds: async () => current.at(-1) === false });
      assert.equal(follower.ready(), true, 'what was known stays known');
    } finally {
      server.thaw();
    }
    await answers(store);
    assert.ok(outcomes.includes('timeout'));
    await store.log('hang').append('after', 60_000);
    await hears(heard, 'after');
    await waitFor({ what: 'the follower is current', holds: async () => current.at(-1) === true });
  });

  test('Redis that is killed and comes back empty: calls are refused at once, then all works anew', async (context) => {
    const own = await startRedis();
    context.after(() => own.stop());
    const lines: string[] = [];
    const tell = (_: unknown, message: string): void => void lines.push(message);
    const store = await open(context, own.url, { log: { info: tell, warn: tell, error: tell } });
    await store.values.put('kept', 'v', 60_000);
    await store.log('killed').append('before', 60_000);
    const { heard, follower } = listen(context, store, 'killed');
    await hears(heard, 'before');
    await own.kill();
    await waitFor({
      what: 'the end is noticed',
      holds: () =>
        store.values.get('kept').then(
          () => false,
          (error: Error) => /not connected/.test(error.message),
        ),
    });
    await assert.rejects(store.log('killed').append('away', 60_000), StoreUnavailable);
    assert.equal(follower.ready(), true);
    await own.revive();
    await answers(store);
    assert.equal(await store.values.get('kept'), undefined);
    await store.log('killed').append('after', 60_000);
    await hears(heard, 'after');
    assert.ok(lines.includes('the state store is away'));
    assert.ok(lines.includes('the state store is connected'));
  });

  test('Redis that restarts with other data: followers hear of all that stands there now', async (context) => {
    const own = await startRedis();
    context.after(() => own.stop());
    const store = await open(context, own.url);
    await store.log('restored').append('ahead', 60_000);
    const { heard } = listen(context, store, 'restored');
    await hears(heard, 'ahead');
    await own.kill();
    await own.revive();
    // An entry whose id lies before the last one that was heard: a backup was put back, or another clock counts.
    await own.command('XADD', 'portcullis:s1:l:{restored}', '1-1', 'e', 'from the past');
    await hears(heard, 'from the past');
  });

  test('a Redis that is not there yet: not ready, and by itself as soon as it is', async (context) => {
    const own = await startRedis();
    context.after(() => own.stop());
    await own.kill();
    const store = redisState(own.url);
    context.after(() => store.close());
    const { heard, follower } = listen(context, store, 'late');
    await assert.rejects(store.values.get('k'), StoreUnavailable);
    assert.equal(follower.ready(), false);
    await own.revive();
    await waitFor({ what: 'the follower is ready', holds: async () => follower.ready() });
    await store.log('late').append('heard', 60_000);
    await hears(heard, 'heard');
  });

  test('a closed store refuses, and its followers have ended', async () => {
    const store = redisState(server.url);
    await answers(store);
    const heard: string[] = [];
    store.log('closing').follow((entry) => heard.push(entry));
    await store.close();
    await assert.rejects(store.values.get('k'), /the state store is closed/);
    await assert.rejects(store.log('closing').append('e', 1000), StoreUnavailable);
    assert.deepEqual(heard, []);
  });

  test('a user with the commands that the docs name is enough', async (context) => {
    const own = await startRedis({ password: 'root' });
    context.after(() => own.stop());
    const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const [, named = ''] = /and the commands ([A-Z,\s]+ and [A-Z]+)\./.exec(page) ?? [];
    const commands = (named.match(/[A-Z]+/g) ?? []).map((command) => `+${command.toLowerCase()}`);
    assert.ok(commands.length > 10);
    await own.command('ACL', 'SETUSER', 'gate', 'on', '>t0pless', '~portcullis:*', ...commands);
    const url = `redis://gate:t0pless@127.0.0.1:${own.port}`;
    const store = await open(context, url);
    await store.values.claim('k', 'v', 60_000);
    await store.values.remove('k');
    await store.table('t').put('id', 'r');
    await store.table('t').put('other', 'r');
    await store.table('t').remove('other');
    assert.equal(await store.table('t').get('id'), 'r');
    for (let at = 0; at < 3; at += 1) await store.log('l').append(`e${at}`, 1);
    await hears(listen(context, store, 'l').heard, 'e2');
    assert.equal((await collect(store, 't')).size, 1);
    const counters = createRedisStore({ url, algorithms, timeoutMs: 5000, signals: silentSignals, log: silentLog });
    context.after(() => counters.close());
    await connected(counters);
  });
});
