import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../test/support/recording-context.ts';
import { aPrincipal, aSubject } from '../../test/support/requests.ts';
import type { CounterStore, LimitStatus, Take } from '../core/limit.ts';
import type { Mode, Subject } from '../core/plan.ts';
import { silentSignals } from '../core/ports.ts';
import type { Verdict } from '../core/verdict.ts';
import { buildLimits, type Limit, type LimitOptions } from './build.ts';
import { limitSteps } from './steps.ts';

const subject: Subject = aSubject({ principal: {} });
const { signal } = new AbortController();

type Answer = Partial<LimitStatus> | 'away' | 'short' | 'throws';

/** A store that says what it is told to, and keeps what it was asked. */
function scripted(answer: (take: Take) => Answer): CounterStore & { readonly calls: [readonly Take[], string][] } {
  const calls: [readonly Take[], string][] = [];
  return {
    calls,
    take: (takes, mode) => {
      calls.push([takes, mode]);
      const answers = takes.map(answer);
      if (answers.includes('throws')) throw new Error('a bug');
      if (answers.includes('away')) return Promise.reject(new Error('away'));
      if (answers.includes('short')) return Promise.resolve([]);
      const fresh = { allowed: true, remaining: 9, resetMs: 30_000, retryAfterMs: undefined };
      return Promise.resolve(answers.map((status) => ({ ...fresh, ...(typeof status === 'object' ? status : {}) })));
    },
    close: async () => {},
  };
}

function limitsOf(options: Readonly<Record<string, Partial<LimitOptions>>>): readonly Limit[] {
  const whole = Object.entries(options).map(([id, entry]) => [id, { key: 'route', rate: '10/m', ...entry }] as const);
  return [...buildLimits(Object.fromEntries(whole), recordIssues().context).values()];
}

/** Runs the early phase over scripted answers by limit id. */
async function run(
  options: Readonly<Record<string, Partial<LimitOptions>>>,
  answers: {
    readonly store?: Readonly<Record<string, Answer>>;
    readonly local?: Readonly<Record<string, Answer>>;
  } = {},
  ruleMode: Mode = 'enforce',
) {
  const idOf = ({ key }: Take): string => /^.\|\d+:([^|]+)\|/.exec(key)?.[1] ?? '';
  const store = scripted((take) => answers.store?.[idOf(take)] ?? {});
  const local = scripted((take) => answers.local?.[idOf(take)] ?? {});
  const told: string[] = [];
  const signals = {
    ...silentSignals,
    limitChecked: (limit: string, outcome: string, shadow: boolean) =>
      void told.push(`${limit} ${outcome}${shadow ? ' shadow' : ''}`),
  };
  const verdict = await limitSteps(limitsOf(options), { store, local, signals }, ruleMode).early(subject, signal);
  return { verdict, store, local, told };
}

const headersOf = (verdict: Verdict<readonly { name: string; value: string }[]>): Readonly<Record<string, string>> => {
  const headers = verdict.kind === 'pass' ? verdict.value : verdict.kind === 'reject' ? verdict.headers : [];
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
};
const reasonOf = (verdict: Verdict<unknown>): string =>
  verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : verdict.kind;
const over = { allowed: false, remaining: 0, retryAfterMs: 12_345 };

test('no limits abstain and ask nobody', async () => {
  const { verdict, store } = await run({});
  assert.equal(verdict.kind, 'abstain');
  assert.deepEqual(store.calls, []);
});

test('limits are checked as soon as their keys are known', async () => {
  const store = scripted(() => ({}));
  const limits = limitsOf({ route: {}, user: { key: 'principal.key' }, both: { key: ['route', 'claims.plan'] } });
  const { early, late } = limitSteps(limits, { store, local: store, signals: silentSignals });
  await early(subject, signal);
  await late(subject, signal);
  assert.deepEqual(
    store.calls.map(([takes, mode]) => [takes.length, mode]),
    [
      [1, 'all_or_nothing'],
      [2, 'all_or_nothing'],
    ],
  );
  assert.ok(store.calls.every(([takes]) => takes.every(({ hits }) => hits === 1)));
});

test('a limit that is named twice counts once', async () => {
  const store = scripted(() => ({}));
  const [limit] = limitsOf({ route: {} });
  assert.ok(limit);
  await limitSteps([limit, limit], { store, local: store, signals: silentSignals }).early(subject, signal);
  assert.equal(store.calls[0]?.[0].length, 1);
});

test('a pass tells of the tightest limit', async () => {
  const { verdict, told } = await run(
    { wide: { rate: '100/h' }, tight: { rate: '10/m' } },
    { store: { wide: { remaining: 99 }, tight: { remaining: 4, resetMs: 30_001 } } },
  );
  assert.equal(verdict.kind, 'pass');
  assert.deepEqual(headersOf(verdict), { 'ratelimit-policy': '"tight";q=10;w=60', ratelimit: '"tight";r=4;t=31' });
  assert.equal(verdict.detail['limit.wide'], 'allowed');
  assert.equal(verdict.detail['limit.wide.remaining'], 99);
  assert.equal(verdict.detail['limit.wide.count'], 100);
  assert.equal(verdict.detail['limit.wide.period_ms'], 3_600_000);
  assert.deepEqual(told, ['wide allowed', 'tight allowed']);
});

test('a denial tells of the limit with the longest wait', async () => {
  const { verdict, told } = await run({ a: {}, b: {}, c: {} }, { store: { b: over, c: { ...over, retryAfterMs: 1 } } });
  assert.equal(reasonOf(verdict), 'limit_exceeded');
  assert.equal(verdict.detail['limit'], 'b');
  assert.equal(verdict.detail['limit.b'], 'limited');
  assert.equal(verdict.detail['limit.b.retry_after_ms'], 12_345);
  assert.deepEqual(headersOf(verdict), {
    'retry-after': '13',
    'ratelimit-policy': '"b";q=10;w=60',
    ratelimit: '"b";r=0;t=13',
  });
  assert.deepEqual(told, ['a allowed', 'b limited', 'c limited']);
});

test('retry-after is at least a second, and absent where no wait helps', async () => {
  const soon = await run({ a: {} }, { store: { a: { ...over, retryAfterMs: 1 } } });
  assert.equal(headersOf(soon.verdict)['retry-after'], '1');
  const never = await run({ a: {} }, { store: { a: { ...over, retryAfterMs: undefined } } });
  assert.equal(reasonOf(never.verdict), 'limit_exceeded');
  assert.equal(headersOf(never.verdict)['retry-after'], undefined);
});

test('a limit in shadow counts apart, never denies and sets no header', async () => {
  const { verdict, store, told } = await run({ a: {}, s: { mode: 'shadow' } }, { store: { s: over } });
  assert.equal(verdict.kind, 'pass');
  assert.equal(headersOf(verdict)['ratelimit-policy'], '"a";q=10;w=60');
  assert.equal(verdict.detail['limit.s'], 'limited');
  assert.equal(verdict.detail['limit.s.shadow'], true);
  assert.deepEqual(
    store.calls.map(([takes, mode]) => [takes[0]?.key[0], mode]),
    [
      ['e', 'all_or_nothing'],
      ['s', 'each'],
    ],
  );
  assert.deepEqual(told, ['a allowed', 's limited shadow']);

  const alone = await run({ s: { mode: 'shadow', on_store_failure: 'deny' } }, { store: { s: 'away' } });
  assert.equal(alone.verdict.kind, 'pass');
  assert.deepEqual(headersOf(alone.verdict), {});
  assert.deepEqual(alone.told, ['s store_denied shadow']);
});

test('a rule in shadow uses no quota', async () => {
  const { verdict, store, told } = await run({ a: {}, s: { mode: 'shadow' } }, { store: { a: over } }, 'shadow');
  assert.equal(reasonOf(verdict), 'limit_exceeded');
  assert.deepEqual(
    store.calls.map(([takes]) => takes[0]?.key[0]),
    ['r', 'r'],
  );
  assert.deepEqual(told, ['a limited shadow', 's allowed shadow']);
});

test('while the store is away each limit does what it says', async () => {
  const away = { a: 'away', b: 'away', d: 'away' } as const;
  const allow = { on_store_failure: 'allow' } as const;

  const counted = await run({ a: {}, b: allow }, { store: away, local: { a: { remaining: 3 } } });
  assert.equal(counted.verdict.kind, 'pass');
  assert.deepEqual(counted.told, ['a local', 'b store_allowed']);
  assert.equal(counted.verdict.detail['limit.b'], 'store_allowed');
  assert.equal(headersOf(counted.verdict)['ratelimit'], '"a";r=3;t=30');
  assert.deepEqual(
    counted.local.calls.map(([takes, mode]) => [takes.length, mode]),
    [[1, 'all_or_nothing']],
  );

  const limited = await run({ b: allow, a: {} }, { store: away, local: { a: over } });
  assert.equal(reasonOf(limited.verdict), 'limit_exceeded');
  assert.deepEqual(limited.told, ['b store_allowed', 'a limited']);

  const passed = await run({ b: allow }, { store: away });
  assert.equal(passed.verdict.kind, 'pass');
  assert.deepEqual(headersOf(passed.verdict), {});
  assert.deepEqual(passed.local.calls, []);
});

test('one limit that denies while the store is away ends it, and the others do not count', async () => {
  const { verdict, local, told } = await run(
    { a: {}, b: { on_store_failure: 'allow' }, d: { on_store_failure: 'deny' } },
    { store: { a: 'away' } },
  );
  assert.equal(reasonOf(verdict), 'limit_store_unavailable');
  assert.equal(verdict.detail['limit'], 'd');
  assert.deepEqual(local.calls, []);
  assert.deepEqual(told, ['b store_allowed', 'd store_denied']);
});

test('limits in shadow fall back each on its own', async () => {
  const { local, told } = await run(
    { s: { mode: 'shadow' }, t: { mode: 'shadow', on_store_failure: 'deny' } },
    { store: { s: 'away' } },
  );
  assert.deepEqual(local.calls[0]?.[1], 'each');
  assert.deepEqual(told, ['s local shadow', 't store_denied shadow']);
});

test('no store makes the room throw: what nobody counted is denied', async () => {
  for (const broken of ['throws', 'short'] as const) {
    const { verdict } = await run({ a: {} }, { store: { a: broken }, local: { a: broken } });
    assert.equal(reasonOf(verdict), 'limit_store_unavailable', broken);
  }
});

test('a tightened client takes more at once, but never more than an unused limit has', async () => {
  const store = scripted(() => ({ remaining: 4 }));
  const bans = { weight: (client: string, key: string | undefined) => (client === '' ? 1 : key === undefined ? 5 : 7) };
  const limits = limitsOf({
    window: {},
    small: { rate: '3/m' },
    bucket: { algorithm: 'token_bucket', rate: '100/m', burst: 2 },
    shadow: { mode: 'shadow' },
    user: { key: 'principal.key' },
  });
  const { early, late } = limitSteps(limits, { store, local: store, signals: silentSignals, bans });
  const known = aSubject({ request: { clientAddress: '198.51.100.7' } });
  const verdict = await early(known, signal);
  await late({ ...known, principal: aPrincipal({}) }, signal);
  const hits = store.calls.map(([takes]) => takes.map((take) => take.hits));
  assert.deepEqual(hits, [[5, 3, 2], [5], [7]]);
  assert.equal(verdict.detail['weight'], 5);
  assert.ok(verdict.kind === 'pass');
  // Four are left, and the next request of this client would take five.
  assert.deepEqual(verdict.value[1], { name: 'ratelimit', value: '"window";r=0;t=30' });
  const plain = await early(aSubject({ request: { clientAddress: '' } }), signal);
  assert.equal(Object.hasOwn(plain.detail, 'weight'), false);
});
