import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordIssues } from '../../../test/support/recording-context.ts';
import type { DescriptorLimit } from '../../core/descriptor.ts';
import { buildDescriptors } from './index.ts';

function build(...documents: readonly unknown[]) {
  const files = Object.fromEntries(documents.map((document, index) => [`limits/${index}`, JSON.stringify(document)]));
  const { context, issues } = recordIssues(files);
  return { policy: buildDescriptors(context.directory('limits') ?? []), issues };
}

const minute = (requests_per_unit: number, more: object = {}) => ({ unit: 'minute', requests_per_unit, ...more });
const shop = {
  domain: 'shop',
  descriptors: [
    { key: 'path', value: '/a', rate_limit: minute(1) },
    { key: 'path', rate_limit: minute(2) },
    { key: 'user', value: 'free', rate_limit: { unlimited: true } },
    {
      key: 'user',
      value: 'gold',
      descriptors: [
        { key: 'path', rate_limit: minute(3, { name: 'deep' }) },
        { key: 'path', value: '/zero', rate_limit: minute(0) },
      ],
    },
    { key: 'user', descriptors: [{ key: 'method', rate_limit: minute(4) }] },
  ],
};

const ask = (policy: ReturnType<typeof build>['policy'], entries: readonly [string, string][], domain = 'shop') =>
  policy(domain, { entries: entries.map(([key, value]) => ({ key, value })), hitsAddend: undefined });

function limitOf(match: ReturnType<typeof ask>): DescriptorLimit {
  assert.ok(match !== undefined && match !== 'unlimited');
  return match;
}

test('a value goes before its key alone, and a limit applies at its own depth only', () => {
  const { policy, issues } = build(shop);
  assert.deepEqual(issues, []);
  assert.equal(limitOf(ask(policy, [['path', '/a']])).requestsPerUnit, 1);
  assert.equal(limitOf(ask(policy, [['path', '/b']])).requestsPerUnit, 2);
  assert.equal(limitOf(ask(policy, [['path', '']])).requestsPerUnit, 2);
  assert.equal(ask(policy, [['user', 'free']]), 'unlimited');
  assert.equal(ask(policy, [['user', 'gold']]), undefined);
  assert.equal(
    limitOf(
      ask(policy, [
        ['user', 'gold'],
        ['path', '/b'],
      ]),
    ).name,
    'deep',
  );
  assert.equal(
    limitOf(
      ask(policy, [
        ['user', 'gold'],
        ['path', '/zero'],
      ]),
    ).requestsPerUnit,
    0,
  );
  assert.equal(
    ask(policy, [
      ['user', 'gold'],
      ['path', '/b'],
      ['path', '/b'],
    ]),
    undefined,
  );
  assert.equal(
    ask(policy, [
      ['path', '/a'],
      ['path', '/a'],
    ]),
    undefined,
  );
  // The way by the value is taken and never left, although the key alone would lead on.
  assert.equal(
    ask(policy, [
      ['user', 'gold'],
      ['method', 'GET'],
    ]),
    undefined,
  );
  assert.equal(
    limitOf(
      ask(policy, [
        ['user', 'eve'],
        ['method', 'GET'],
      ]),
    ).requestsPerUnit,
    4,
  );
  assert.equal(ask(policy, [['none', 'x']]), undefined);
  assert.equal(ask(policy, []), undefined);
  assert.equal(ask(policy, [['path', '/a']], 'elsewhere'), undefined);
  assert.equal(ask(policy, [['__proto__', 'constructor']]), undefined);
});

test('a limit becomes a fixed window of its unit', () => {
  const units = { second: 1, MINUTE: 60, Hour: 3600, day: 86_400, week: 604_800, month: 2_592_000, year: 31_536_000 };
  for (const [unit, seconds] of Object.entries(units)) {
    const { policy } = build({
      domain: 'shop',
      descriptors: [{ key: 'k', rate_limit: { unit, requests_per_unit: 4_294_967_295 } }],
    });
    const limit = limitOf(ask(policy, [['k', 'v']]));
    assert.equal(limit.unit, unit.toLowerCase());
    assert.equal(limit.algorithm, 'fixed_window');
    assert.deepEqual(limit.rule, { count: 4_294_967_295, periodMs: seconds * 1000, burst: 4_294_967_295 });
  }
});

test('every value has a counter of its own, and no two ways share one', () => {
  const pair = { key: 'a_b', descriptors: [{ key: 'c', rate_limit: minute(1) }] };
  const twin = { key: 'a', descriptors: [{ key: 'b_c', rate_limit: minute(1) }] };
  const { policy, issues } = build(
    { domain: 'shop', descriptors: [pair, twin, { key: 'k', rate_limit: minute(1) }] },
    { domain: 'shop_k', descriptors: [{ key: 'k', rate_limit: minute(1) }] },
  );
  assert.deepEqual(issues, []);
  const keys = [
    ask(policy, [['k', 'x']]),
    ask(policy, [['k', 'y']]),
    ask(policy, [['k', '']]),
    ask(policy, [['k', 'x']], 'shop_k'),
    ask(policy, [
      ['a_b', 'x'],
      ['c', 'y'],
    ]),
    ask(policy, [
      ['a', 'x'],
      ['b_c', 'y'],
    ]),
    ask(policy, [
      ['a', 'x|'],
      ['b_c', 'y'],
    ]),
    ask(policy, [
      ['a', 'x'],
      ['b_c', '|y'],
    ]),
  ].map((match) => limitOf(match).key);
  assert.equal(new Set(keys).size, keys.length);
});

/** A file with one descriptor; each mistake and where it is reported. */
const mistakes: readonly (readonly [document: unknown, issue: RegExp])[] = [
  [{ domain: '' }, /^domain domain must not be empty/],
  [{}, /^domain domain must not be empty/],
  [{ domain: 7.5 }, /^domain domain must be a string/],
  [[], /^ file must be a mapping/],
  ['text', /^ file must be a mapping/],
  [{ domain: 'd', descriptor: [] }, /^descriptor unknown key "descriptor"; known: domain, descriptors/],
  [{ domain: 'd', descriptors: {} }, /^descriptors descriptors must be a list/],
  [{ domain: 'd', descriptors: ['x'] }, /^descriptors\.0 descriptor must be a mapping/],
  ...(
    [
      [{}, /^key key must not be empty/],
      [{ key: '' }, /^key key must not be empty/],
      [{ key: ['a'] }, /^key key must be a string/],
      [{ key: 'k', value: 1.5 }, /^value value must be a string/],
      [{ key: 'k', value: 'a*' }, /^value wildcards .* not supported yet/],
      [{ key: 'k', ratelimit: {} }, /^ratelimit unknown key "ratelimit"; known: key, value, rate_limit, descriptors/],
      [{ key: 'k', shadow_mode: true }, /^shadow_mode "shadow_mode" is not supported yet/],
      [{ key: 'k', quota_mode: true }, /^quota_mode .*not supported yet/],
      [{ key: 'k', detailed_metric: true }, /^detailed_metric .*not supported yet/],
      [{ key: 'k', value_to_metric: true }, /^value_to_metric .*not supported yet/],
      [{ key: 'k', share_threshold: true }, /^share_threshold .*not supported yet/],
      [{ key: 'k', metadata: {} }, /^metadata .*not supported yet/],
      [{ key: 'k', rate_limit: [] }, /^rate_limit rate_limit must be a mapping/],
      [{ key: 'k', rate_limit: { ...minute(1), replaces: [] } }, /^rate_limit\.replaces .*not supported yet/],
      [{ key: 'k', rate_limit: { ...minute(1), unit_multiplier: 2 } }, /^rate_limit\.unit_multiplier unknown key/],
      [
        { key: 'k', rate_limit: { unit: 'decade', requests_per_unit: 1 } },
        /^rate_limit\.unit unknown unit "decade"; known: second/,
      ],
      [{ key: 'k', rate_limit: { unit: 'constructor', requests_per_unit: 1 } }, /^rate_limit\.unit unknown unit/],
      [{ key: 'k', rate_limit: { requests_per_unit: 1 } }, /^rate_limit\.unit unknown unit ""/],
      [{ key: 'k', rate_limit: { unit: [], requests_per_unit: 1 } }, /^rate_limit\.unit unit must be a string/],
      [{ key: 'k', rate_limit: { unit: 'day' } }, /^rate_limit\.requests_per_unit requests_per_unit must be/],
      [{ key: 'k', rate_limit: minute(-1) }, /^rate_limit\.requests_per_unit/],
      [{ key: 'k', rate_limit: minute(1.5) }, /^rate_limit\.requests_per_unit/],
      [{ key: 'k', rate_limit: minute(2 ** 32) }, /^rate_limit\.requests_per_unit/],
      [{ key: 'k', rate_limit: { unit: 'day', requests_per_unit: '5' } }, /^rate_limit\.requests_per_unit/],
      [
        { key: 'k', rate_limit: { unlimited: true, unit: 'day' } },
        /^rate_limit\.unit unit and unlimited exclude each other/,
      ],
      [{ key: 'k', rate_limit: { unlimited: 'yes' } }, /^rate_limit\.unlimited unlimited must be true or false/],
      [{ key: 'k', rate_limit: { ...minute(1), name: {} } }, /^rate_limit\.name name must be a string/],
      [{ key: 'k', descriptors: [{ key: '' }] }, /^descriptors\.0\.key key must not be empty/],
    ] as const
  ).map(
    ([descriptor, issue]) =>
      [
        { domain: 'd', descriptors: [{ key: 'first' }, descriptor] },
        new RegExp(issue.source.replace('^', '^descriptors\\.1\\.')),
      ] as const,
  ),
];

test('each mistake is one issue at its place', () => {
  for (const [document, issue] of mistakes) {
    const { issues } = build(document);
    assert.equal(issues.length, 1, JSON.stringify([document, issues]));
    assert.match(issues[0]?.replace(/^limits\/0:/, '') ?? '', issue);
  }
});

test('all issues are reported at once', () => {
  const { issues } = build({ domain: '', descriptors: [{ key: '' }, { key: 'a', rate_limit: {} }] }, { domian: 'd' });
  assert.equal(issues.length, 6);
});

test('nothing stands twice', () => {
  const one = { key: 'a', value: 'b' };
  const domains = build({ domain: 'd', descriptors: [one] }, { domain: 'd' });
  assert.deepEqual(domains.issues, ['limits/1:domain duplicate domain "d": limits/0 has it too']);
  const siblings = build({ domain: 'd', descriptors: [one, one, { key: 'a' }, { key: 'a', value: '' }, { key: 'b' }] });
  assert.deepEqual(siblings.issues, [
    'limits/0:descriptors.1 duplicate descriptor: key "a" with value "b"',
    'limits/0:descriptors.3 duplicate descriptor: key "a"',
  ]);
});

test('whole numbers and booleans are the text that they look like', () => {
  const { policy, issues } = build({
    domain: 'd',
    descriptors: [
      { key: 'status', value: 404, rate_limit: minute(1) },
      { key: 'flag', value: true, rate_limit: minute(2), descriptors: null },
    ],
  });
  assert.deepEqual(issues, []);
  assert.equal(limitOf(ask(policy, [['status', '404']], 'd')).requestsPerUnit, 1);
  assert.equal(limitOf(ask(policy, [['flag', 'true']], 'd')).requestsPerUnit, 2);
});

test('a file that cannot be read has said so already', () => {
  const policy = buildDescriptors([
    {
      name: 'broken',
      digest: '',
      bytes: new Uint8Array(),
      text: '',
      document: () => undefined,
      issue: assert.fail,
      issueAt: assert.fail,
    },
  ]);
  assert.equal(ask(policy, [['a', 'b']]), undefined);
});
