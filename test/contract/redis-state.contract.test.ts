import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { silentLog, silentSignals } from '../../src/core/ports.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { algorithms } from '../../src/limit/index.ts';
import { createRedisStore, StoreUnavailable } from '../../src/store/index.ts';
import { connected, type RedisServer, startRedis } from '../support/redis.ts';
import { answers, collect, hears, listen, openState, redisState } from '../support/state.ts';

let server: RedisServer;
before(async () => {
  server = await startRedis();
});
after(() => server.stop());

suite('state in Redis', () => {
  test('two clients share all of it, and hear of each other', async (context) => {
    const [one, other] = [await openState(context, server.url), await openState(context, server.url)];
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
    // Whoever appends hears of it as everybody else does.
    await hears(heardByOther, 'other 4');
    assert.deepEqual(heardByOne, heardByOther);
  });

  test('more entries than one look takes are all there when the follower is ready', async (context) => {
    const store = await openState(context, server.url);
    await Promise.all(Array.from({ length: 1700 }, (_, at) => store.log('long').append(String(at), 60_000)));
    const { heard, follower } = listen(context, store, 'long');
    await waitFor({ what: 'the follower has caught up', holds: async () => follower.ready() });
    assert.equal(new Set(heard).size, 1700);
  });

  test('values have a life, and what must not be evicted has none', async (context) => {
    const store = await openState(context, server.url);
    await store.values.put('mortal', 'v', 60_000);
    await store.table('lasting').put('id', 'r');
    await store.log('lasting').append('e', 60_000);
    const ttl = (key: string): Promise<unknown> => server.command('PTTL', `portcullis:s1:${key}`);
    assert.ok(Number(await ttl('v:mortal')) > 50_000);
    for (const key of ['t:lasting', 'l:{lasting}', 'l:{lasting}:ends']) assert.equal(await ttl(key), -1, key);
  });

  test('what somebody else put under our names is no state, and nothing of it is told', async (context) => {
    const store = await openState(context, server.url);
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
    const store = await openState(context, server.url);
    await server.command('XADD', 'portcullis:s1:l:{foreign}', '*', 'x', '1');
    await store.log('foreign').append('ours', 60_000);
    const { heard } = listen(context, store, 'foreign');
    await hears(heard, 'ours');
    assert.deepEqual(heard, ['ours']);
  });

  test('whoever cannot take an entry hears of the next one', async (context) => {
    const errors: unknown[] = [];
    const store = await openState(context, server.url, {
      log: { ...silentLog, error: (fields) => errors.push(fields) },
    });
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
    const store = await openState(context, server.url, { timeoutMs: 100, signals });
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
    const store = await openState(context, own.url, { log: { info: tell, warn: tell, error: tell } });
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
    const store = await openState(context, own.url);
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
    const store = await openState(context, url);
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
