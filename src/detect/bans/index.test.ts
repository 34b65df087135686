import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openTime } from '../../../test/support/authn.ts';
import { aBan, principal } from '../../../test/support/bans.ts';
import { parseAddress } from '../../core/address.ts';
import type { Ban, BanChange } from '../../core/ban.ts';
import { silentLog } from '../../core/ports.ts';
import type { StateStore } from '../../core/state.ts';
import { createMemoryState, StoreUnavailable } from '../../store/index.ts';
import { encodeEntry } from './entry.ts';
import { openBans } from './index.ts';

const hourMs = 3_600_000;

function open(
  over: { readonly state?: StateStore; readonly most?: number; readonly time?: ReturnType<typeof openTime> } = {},
) {
  const time = over.time ?? openTime();
  const state = over.state ?? createMemoryState(time.clock);
  const told: string[] = [];
  const held = { refuse: -1, tighten: -1 };
  const counted: string[] = [];
  const errors: unknown[] = [];
  const bans = openBans(state, time.clock, {
    ...(over.most === undefined ? {} : { most: over.most }),
    timers: time.timers,
    log: { ...silentLog, error: (fields) => errors.push(fields) },
    listener: {
      banned: ({ change, ban, here }: BanChange) => void told.push(`${change} ${ban.id}${here ? ' here' : ''}`),
    },
    signals: {
      bansHeld: (effect, count) => {
        held[effect] = count;
      },
      banChanged: (by, outcome) => void counted.push(`${by} ${outcome}`),
    },
  });
  const at = (text: string): Ban | undefined => {
    const address = parseAddress(text);
    assert.ok(address);
    return bans.onAddress(address);
  };
  return { time, state, bans, at, told, held, counted, errors };
}

test('a network of either family is refused, and nobody else', async () => {
  const { bans, at } = open();
  assert.equal(at('198.51.100.7'), undefined);
  const host = aBan('198.51.100.7');
  const network = aBan('2001:db8:0:7::/64');
  const wide = aBan('203.0.113.0/24');
  for (const ban of [host, network, wide]) assert.deepEqual(await bans.ban(ban), ban);
  assert.deepEqual(at('198.51.100.7'), host);
  assert.deepEqual(at('::ffff:198.51.100.7'), host);
  assert.equal(at('198.51.100.8'), undefined);
  assert.deepEqual(at('2001:db8:0:7:1:2:3:4'), network);
  assert.equal(at('2001:db8:0:8::1'), undefined);
  assert.deepEqual(at('203.0.113.255'), wide);
  const inner = aBan('203.0.113.9');
  await bans.ban(inner);
  assert.deepEqual(at('203.0.113.9'), inner);
  assert.deepEqual(at('203.0.113.8'), wide);
  await bans.lift(inner.target);
  assert.deepEqual(at('203.0.113.9'), wide);
});

test('a principal is refused by its key', async () => {
  const { bans } = open();
  const ban = aBan(principal('users/alice'));
  await bans.ban(ban);
  assert.deepEqual(bans.onPrincipal('users/alice'), ban);
  assert.equal(bans.onPrincipal('partners/alice'), undefined);
  assert.equal(bans.onPrincipal('__proto__'), undefined);
});

test('who is tightened is not refused, and the most that any ban says counts', async () => {
  const { bans, at, held } = open();
  assert.equal(bans.weight('198.51.100.7', 'users/alice'), 1);
  await bans.ban(aBan('198.51.100.0/24', { tighten: 3 }));
  await bans.ban(aBan('198.51.100.7', { tighten: 2 }));
  await bans.ban(aBan(principal('users/alice'), { tighten: 10, untilMs: undefined }));
  assert.equal(at('198.51.100.7'), undefined);
  assert.equal(bans.onPrincipal('users/alice'), undefined);
  assert.equal(bans.weight('198.51.100.7', undefined), 3);
  assert.equal(bans.weight('198.51.100.7', 'users/alice'), 10);
  assert.equal(bans.weight('', 'users/bob'), 1);
  assert.equal(bans.weight('192.0.2.1', 'users/bob'), 1);
  assert.deepEqual(held, { refuse: 0, tighten: 3 });
});

test('a ban ends when it says: at once for a call, and whoever made it tells of it', async () => {
  const { bans, at, time, told, held, counted } = open();
  const short = aBan('198.51.100.7');
  await bans.ban(short);
  await bans.ban(aBan('198.51.100.8', { id: 'for-good', untilMs: undefined }));
  time.advance(hourMs - 1);
  assert.deepEqual(at('198.51.100.7'), short);
  time.advance(1);
  assert.equal(at('198.51.100.7'), undefined);
  assert.deepEqual(
    [...bans.list()].map(({ id }) => id),
    ['for-good'],
  );
  time.advance(100);
  assert.deepEqual(told, [`made ${short.id} here`, 'made for-good here', `ended ${short.id} here`]);
  assert.deepEqual(counted, ['operator made', 'operator made', 'operator ended']);
  assert.equal(held.refuse, 1);
  time.advance(10_000 * hourMs);
  assert.ok(at('198.51.100.8'));
});

test('a lift ends all bans of its target, and nothing else', async () => {
  const { bans, at, told } = open();
  const one = aBan('198.51.100.7');
  const other = aBan('198.51.100.7', { by: 'scanning', tighten: 5 });
  await bans.ban(one);
  await bans.ban(other);
  await bans.ban(aBan('198.51.100.0/24', { id: 'wide' }));
  assert.deepEqual(await bans.lift({ kind: 'address', prefix: '192.0.2.1' }), []);
  assert.deepEqual(await bans.lift(one.target), [one, other]);
  assert.equal(at('198.51.100.7')?.id, 'wide');
  assert.equal(bans.weight('198.51.100.7', undefined), 1);
  assert.deepEqual(told.slice(3), [`lifted ${one.id} here`, `lifted ${other.id} here`]);
  const again = await bans.ban(one);
  assert.ok(again && again.sinceMs > one.sinceMs, 'what is banned anew was not lifted before');
  assert.deepEqual(at('198.51.100.7'), again);
});

test('what one author has said already is not said again; authors do not speak for each other', async () => {
  const { bans, told } = open();
  const ban = aBan('198.51.100.7', { by: 'scanning' });
  const shorter = aBan('198.51.100.7', { by: 'scanning', untilMs: ban.sinceMs + 1000 });
  const milder = aBan('198.51.100.7', { by: 'scanning', tighten: 5 });
  const another = aBan('198.51.100.7', { by: 'stuffing' });
  const longer = aBan('198.51.100.7', { by: 'scanning', untilMs: undefined });
  await bans.ban(ban);
  assert.deepEqual(await bans.ban(shorter), ban);
  assert.deepEqual(await bans.ban(milder), ban);
  assert.deepEqual(await bans.ban(another), another);
  assert.deepEqual(await bans.ban(longer), longer);
  assert.deepEqual([...bans.list()], [another, longer]);
  assert.equal(told.length, 3);
});

test('there is an end to what detectors may ban, and none to what operators do', async () => {
  const { bans, counted } = open({ most: 2 });
  for (const address of ['192.0.2.1', '192.0.2.2']) assert.ok(await bans.ban(aBan(address, { by: 'scanning' })));
  assert.equal(await bans.ban(aBan('192.0.2.3', { by: 'scanning' })), undefined);
  assert.ok(await bans.ban(aBan('192.0.2.3')));
  assert.equal([...bans.list()].length, 3);
  assert.deepEqual(counted, ['scanning made', 'scanning made', 'scanning refused', 'operator made']);
});

test('others who share the state know at once, whoever starts later too, and only the author tells', async () => {
  const first = open();
  const second = open(first);
  const ban = aBan('198.51.100.7');
  await first.bans.ban(ban);
  assert.deepEqual(second.at('198.51.100.7'), ban);
  assert.deepEqual(second.told, [`made ${ban.id}`]);
  assert.deepEqual(second.counted, []);
  await second.bans.lift(ban.target);
  assert.equal(first.at('198.51.100.7'), undefined);
  assert.deepEqual(first.told, [`made ${ban.id} here`, `lifted ${ban.id}`]);
  assert.deepEqual(second.told, [`made ${ban.id}`, `lifted ${ban.id} here`]);
  second.bans.close();
  await first.bans.ban(aBan('198.51.100.8', { id: 'later' }));
  assert.equal(second.at('198.51.100.8'), undefined, 'a closed one hears no more');
  let caughtUp = 0;
  const third = openBans(first.state, first.time.clock, {
    caughtUp: () => {
      caughtUp += 1;
    },
  });
  assert.deepEqual(
    [...third.list()].map(({ id }) => id),
    ['later'],
  );
  await Promise.resolve();
  assert.equal(caughtUp, 1);
  third.close();
});

test('while the store is away an operator is told so, and a detector’s ban holds here until all hear of it', async () => {
  const time = openTime();
  const memory = createMemoryState(time.clock);
  let away = true;
  const state: StateStore = {
    ...memory,
    log: (name) => ({
      ...memory.log(name),
      append: (...entry) => (away ? Promise.reject(new StoreUnavailable('away')) : memory.log(name).append(...entry)),
    }),
  };
  const log = memory.log('bans');
  const heard: string[] = [];
  const { bans, at, counted, told } = open({
    time,
    state: { ...state, log: () => ({ ...state.log('bans'), follow: log.follow }) },
  });
  log.follow((entry) => heard.push(entry));
  await assert.rejects(bans.ban(aBan('198.51.100.7')), StoreUnavailable);
  assert.equal(at('198.51.100.7'), undefined);
  await bans.ban(aBan('198.51.100.8', { by: 'scanning', id: 'kept' }));
  await bans.ban(aBan('198.51.100.9', { by: 'scanning', untilMs: time.clock.nowMs() + 1000 }));
  assert.equal(at('198.51.100.8')?.id, 'kept');
  await assert.rejects(bans.lift({ kind: 'address', prefix: '198.51.100.8' }), StoreUnavailable);
  time.advance(2000);
  await new Promise(setImmediate);
  assert.deepEqual(heard, []);
  away = false;
  time.advance(2000);
  await new Promise(setImmediate);
  assert.equal(heard.length, 1, 'what is over need not be told');
  const other = open({ time, state: memory });
  assert.equal(other.at('198.51.100.8')?.id, 'kept');
  other.bans.close();
  assert.deepEqual(counted.filter((line) => line.endsWith('unheard')).length, 2);
  assert.equal(told.filter((line) => line === 'made kept here').length, 1);
  bans.close();
  assert.equal(time.pending(), 0);
});

test('an entry that is no ban of ours is logged without what it holds, and left out', async () => {
  const { bans, state, errors, at } = open();
  const good: Record<string, unknown> = JSON.parse(encodeEntry({ kind: 'ban', ban: aBan('198.51.100.7') }));
  const lift: Record<string, unknown> = JSON.parse(
    encodeEntry({ kind: 'lift', lift: { target: principal('users/alice'), atMs: 1, untilMs: undefined } }),
  );
  const bad = [
    'secret',
    '',
    'null',
    '[]',
    ...[
      { v: 2 },
      { kind: 'toString' },
      { address: '198.51.100.7/24' },
      { address: '198.51.100.7/32' },
      { address: 'evil' },
      { address: undefined },
      { principal: 'users/alice' },
      { id: '' },
      { by: 7 },
      { why: null },
      { since: '2026' },
      { until: undefined },
      { until: 8.7e15 },
      { tighten: 1 },
      { tighten: 1.5 },
      { tighten: '5' },
      { why: 'x'.repeat(20_000) },
    ].map((change) => JSON.stringify({ ...good, ...change })),
    JSON.stringify({ ...lift, at: null }),
    JSON.stringify({ ...lift, principal: '' }),
  ];
  const log = state.log('bans');
  for (const entry of bad) await log.append(entry, hourMs);
  assert.equal(errors.length, bad.length);
  assert.ok(!JSON.stringify(errors).includes('secret'));
  assert.deepEqual([...bans.list()], []);
  await log.append(JSON.stringify({ ...good, more: 'of a newer release' }), hourMs);
  assert.ok(at('198.51.100.7'));
});

test('what is heard in whatever order, and twice, says the same', async () => {
  const start = Date.UTC(2026, 0, 15);
  const targets = ['192.0.2.1', '192.0.2.0/24'].map((prefix) => ({ kind: 'address', prefix }) as const);
  const time = fc.integer({ min: -5, max: 20 });
  const end = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
  const msOf = (value: number | undefined) => (value === undefined ? undefined : start + value * 1000);
  const entry = fc.oneof(
    fc
      .record({
        target: fc.constantFrom(...targets),
        since: time,
        until: end,
        by: fc.constantFrom('a', 'b'),
        weight: fc.constantFrom(undefined, 2, 3),
      })
      .map(({ target, since, until, by, weight }) =>
        encodeEntry({
          kind: 'ban',
          ban: {
            id: `${target.prefix} ${since} ${until} ${by} ${weight}`,
            target,
            by,
            why: '',
            tighten: weight,
            sinceMs: start + since * 1000,
            untilMs: msOf(until),
          },
        }),
      ),
    fc
      .record({ target: fc.constantFrom(...targets), at: time, until: end })
      .map(({ target, at, until }) =>
        encodeEntry({ kind: 'lift', lift: { target, atMs: start + at * 1000, untilMs: msOf(until) } }),
      ),
  );
  const settled = async (entries: readonly string[], steps: number): Promise<unknown> => {
    const at = openTime(start);
    const state = createMemoryState(at.clock);
    const bans = openBans(state, at.clock, { timers: at.timers });
    for (const one of entries) await state.log('bans').append(one, hourMs);
    at.advance(steps * 1000);
    return {
      list: [...bans.list()].map(({ id }) => id).toSorted(),
      weights: bans.weight('192.0.2.1', undefined),
      refused: bans.onAddress({ family: 4, words: [0xc0000201] }) !== undefined,
    };
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 12 }),
      fc.integer({ min: 0, max: 20 }),
      fc.nat(),
      async (entries, steps, seed) => {
        const shuffled = [...entries, ...entries.slice(0, 3)]
          .map((one, index) => ({ one, order: Math.imul(index + 1, seed | 1) % 1009 }))
          .toSorted((first, second) => first.order - second.order)
          .map(({ one }) => one);
        assert.deepEqual(await settled(shuffled, steps), await settled(entries, steps));
      },
    ),
    { numRuns: 200 },
  );
});
