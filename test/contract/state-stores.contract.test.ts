import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { StateStore } from '../../src/core/state.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createMemoryState } from '../../src/store/index.ts';
import { openTime } from '../support/authn.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { answers, collect, hears, listen, redisState } from '../support/state.ts';

let server: RedisServer;
before(async () => {
  server = await startRedis();
});
after(() => server.stop());

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
