import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { parseAddress } from '../../src/core/address.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { StateStore } from '../../src/core/state.ts';
import { type OpenBans, openBans } from '../../src/detect/bans/index.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createMemoryState, StoreUnavailable } from '../../src/store/index.ts';
import { aBan, principal } from '../support/bans.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openState, redisState } from '../support/state.ts';

let server: RedisServer;
before(async () => {
  server = await startRedis();
});
after(() => server.stop());

const hourMs = 3_600_000;
const oneMs = 1000;

async function replica(context: TestContext, state: StateStore): Promise<OpenBans> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const bans = openBans(state, systemClock, { caughtUp: resolve });
  context.after(() => bans.close());
  await promise;
  return bans;
}

const refused = (bans: OpenBans, text: string): boolean => {
  const address = parseAddress(text);
  assert.ok(address);
  return bans.onAddress(address) !== undefined;
};

const until = (what: string, holds: () => boolean): Promise<void> => waitFor({ what, holds: async () => holds() });

const now = () => ({ sinceMs: Date.now(), untilMs: Date.now() + hourMs });

/** A state that every replica of a test opens for itself; in memory it is one. */
const kinds: readonly { readonly name: string; readonly open: (context: TestContext) => () => Promise<StateStore> }[] =
  [
    {
      name: 'memory',
      open: () => {
        const state = createMemoryState(systemClock);
        return async () => state;
      },
    },
    { name: 'Redis', open: (context) => () => openState(context, server.url) },
  ];

for (const { name, open } of kinds) {
  suite(`bans over state in ${name}`, () => {
    test('what one replica bans holds on two others within a second, and a lift too', async (context) => {
      const state = open(context);
      const [one, two, three] = [
        await replica(context, await state()),
        await replica(context, await state()),
        await replica(context, await state()),
      ];
      const tightened = aBan(principal('users/alice'), { ...now(), tighten: 5 });
      const began = performance.now();
      await one.ban(aBan('198.51.100.0/24', now()));
      await one.ban(tightened);
      const holds = (bans: OpenBans) => refused(bans, '198.51.100.7') && bans.weight('', 'users/alice') === 5;
      await until('both others hear of the bans', () => holds(two) && holds(three));
      assert.ok(performance.now() - began < oneMs, 'within a second');
      const lifting = performance.now();
      assert.equal((await two.lift({ kind: 'address', prefix: '198.51.100.0/24' })).length, 1);
      await until('both others hear of the lift', () => [one, three].every((bans) => !refused(bans, '198.51.100.7')));
      assert.ok(performance.now() - lifting < oneMs, 'within a second');
      const late = await replica(context, await state());
      assert.deepEqual([...late.list()], [tightened]);
      await late.lift(tightened.target);
      await until('nobody is banned', () => [one, two, three].every((bans) => [...bans.list()].length === 0));
    });

    test('thousands of bans are all there for whoever starts later', async (context) => {
      const state = open(context);
      const one = await replica(context, await state());
      const all = Array.from({ length: 3000 }, (_, at) =>
        aBan(`203.${at >> 8}.${at & 255}.1`, { by: 'scanning', ...now() }),
      );
      await Promise.all(all.map((ban) => one.ban(ban)));
      const late = await replica(context, await state());
      assert.equal([...late.list()].length, 3000);
      assert.ok(refused(late, '203.11.183.1'));
      assert.ok(!refused(late, '203.11.183.2'));
      await Promise.all(all.map(({ target }) => one.lift(target)));
      assert.equal([...(await replica(context, await state())).list()].length, 0);
    });
  });
}

test('an outage of Redis changes nothing of what is known, and what detectors ban meanwhile is told when it is over', async (context) => {
  const own = await startRedis();
  const state = redisState(own.url, { timeoutMs: 200 });
  const other = redisState(own.url, { timeoutMs: 200 });
  context.after(() => Promise.all([state.close(), other.close(), own.stop()]));
  const [one, two] = [await replica(context, state), await replica(context, other)];
  await one.ban(aBan('198.51.100.7', now()));
  await until('the other hears of it', () => refused(two, '198.51.100.7'));
  await own.kill();
  await assert.rejects(one.ban(aBan('198.51.100.8', now())), StoreUnavailable);
  const detected = aBan('198.51.100.9', { by: 'scanning', ...now() });
  await one.ban(detected);
  assert.deepEqual(
    ['198.51.100.7', '198.51.100.9'].map((text) => refused(one, text)),
    [true, true],
  );
  await own.revive();
  await until('the other hears of the detector’s', () => refused(two, '198.51.100.9'));
  assert.ok(refused(two, '198.51.100.7'));
});
