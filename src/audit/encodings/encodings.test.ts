import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { aBan } from '../../../test/support/bans.ts';
import { ocsfFaults } from '../../../test/support/ocsf-facts.ts';
import { allowed, allowOf, denied, denyOf, planted, plantedAttributes, trailOf } from '../../../test/support/trails.ts';
import { silentContext } from '../../core/build.ts';
import type { Finding } from '../../core/finding.ts';
import { accountEvent } from '../account-event.ts';
import { adminEvent } from '../admin-event.ts';
import { checkpointEvent } from '../checkpoint.ts';
import { decisionEvent } from '../event.ts';
import { feedEvent } from '../feed-event.ts';
import { banEvent, findingEvent } from '../finding-event.ts';
import type { AuditEvent } from '../ocsf.ts';
import { gapEvent, lifecycleEvent, reloadEvent } from '../system-event.ts';
import { buildView } from '../view.ts';
import { encodings } from './index.ts';

// What each encoding makes of each kind of event stands in testdata/; with UPDATE_FIXTURES=1 it is written anew: read
// what has changed.

const origin = { version: '1.2.3', instanceId: 'instance-1' };
const stamp = { uid: 'event-1', sequence: 9, timeMs: 1_795_320_000_000.5 };
const deny = (step: Parameters<typeof denied>[0], reason: Parameters<typeof denied>[1]) =>
  denied(step, reason, { decision: denyOf(reason, 'orders-write', 'decision-1') });
const decision = (trail: Parameters<typeof decisionEvent>[0]): AuditEvent => decisionEvent(trail, 7, origin);
const act = { identity: 'people', by: 'person', subject: 'alice', session: 's1' } as const;
const flood = { count: 40, sinceMs: 1_795_320_000_000, untilMs: 1_795_320_009_000, ids: ['decision-1'] };
const finding: Finding = {
  id: 'finding-1',
  detector: 'stuffing',
  phase: 'begins',
  title: '40 users were tried in a minute',
  subject: { kind: 'network', name: '198.51.100.7' },
  sinceMs: 1_795_320_000_000,
  atMs: 1_795_320_030_000.5,
  measure: { name: 'users_tried', observed: 40, expected: 1.5 },
  technique: 'T1110.004',
  action: 'ban',
  targets: [
    { kind: 'address', prefix: '198.51.100.7' },
    { kind: 'address', prefix: '2001:db8:0:7::/64' },
  ],
  shadow: false,
};
const ban = aBan('2001:db8:0:7::/64', { id: 'ban-1', by: 'stuffing', why: finding.title });
const signer = { keyId: 'key-1', sign: () => 'signature' };
const drop = { name: 'drop', list: 'deny', format: 'plain', source: 'https://lists.example' } as const;
const [older, newer] = [
  { entries: 1200, version: '0123456789abcdef' },
  { entries: 1250, version: 'fedcba9876543210' },
];
const vouched = { chain: 'instance-1/file', sequence: 8, hash: 'f'.repeat(64), end: false };

const events: Readonly<Record<string, AuditEvent>> = {
  allow: decision(allowed({ decision: allowOf('orders-write', 'decision-1') })),
  'authorization denied': decision(deny('authorize', 'role_missing')),
  'authentication failed': decision(deny('identify', 'token_expired')),
  'limited by address': decision(deny('limit', 'limit_exceeded')),
  'payload rejected': decision(deny('inspect', 'body_mismatch')),
  'malformed, IPv6, hostile texts': decision(
    trailOf(denyOf('path_malformed', undefined, 'decision-1'), {
      request: undefined,
      principal: undefined,
      attributes: plantedAttributes({
        source: { address: '2001:db8::7', port: 1, principal: '', certificate: '' },
        path: '/a|b=c\\d\n',
        headers: { 'user-agent': 'a|b=c\\d\r\ne' },
      }),
    }),
  ),
  'our fault': decision(deny('identify', 'key_set_unavailable')),
  flood: decisionEvent(deny('authorize', 'role_missing'), 7, origin, { ...flood, trail: allowed() }),
  login: accountEvent({ ...act, activity: 'login', refusal: undefined }, stamp, origin),
  'failed logout': accountEvent({ ...act, activity: 'logout', refusal: 'token_expired' }, stamp, origin),
  reload: reloadEvent({ outcome: 'ok', version: 'v2', previous: 'v1', trigger: 'file' }, stamp, origin),
  'refused reload': reloadEvent(
    { outcome: 'refused', version: undefined, previous: 'v1', trigger: 'signal' },
    stamp,
    origin,
  ),
  'an address feed is taken': feedEvent(
    { ...drop, outcome: 'taken', before: older, after: newer, problem: undefined },
    stamp,
    origin,
  ),
  'the first list of an address feed': feedEvent(
    { ...drop, outcome: 'taken', before: undefined, after: older, problem: undefined },
    stamp,
    origin,
  ),
  'an address feed cannot be had': feedEvent(
    { ...drop, outcome: 'failed', before: undefined, after: undefined, problem: 'the server answered 503' },
    stamp,
    origin,
  ),
  'an address feed is refused': feedEvent(
    { ...drop, outcome: 'refused', before: older, after: older, problem: 'more than 1000 entries' },
    stamp,
    origin,
  ),
  'an address feed is back': feedEvent(
    { ...drop, outcome: 'back', before: older, after: older, problem: undefined },
    stamp,
    origin,
  ),
  start: lifecycleEvent({ activity: 'start', version: 'v1' }, stamp, origin),
  stop: lifecycleEvent({ activity: 'stop', version: undefined }, stamp, origin),
  administration: adminEvent(
    {
      operation: 'POST /revocations',
      activity: 'create',
      actor: 'admin',
      peer: { address: '127.0.0.1', port: 5000 },
      status: 201,
      refusal: undefined,
      object: { type: 'token', name: 'users/jti-1' },
    },
    stamp,
    origin,
  ),
  'a finding begins': findingEvent(finding, stamp, origin),
  'a finding ends': findingEvent({ ...finding, phase: 'ends', atMs: finding.atMs + 60_000 }, stamp, origin),
  'a finding of all requests, in shadow': findingEvent(
    {
      ...finding,
      subject: { kind: 'global', name: '' },
      action: 'alert',
      targets: [],
      technique: undefined,
      shadow: true,
    },
    stamp,
    origin,
  ),
  'a finding without a usual value, of a principal': findingEvent(
    {
      ...finding,
      subject: { kind: 'principal', name: 'users/alice' },
      measure: { name: 'records', observed: 5000, expected: undefined },
      action: 'tighten',
      targets: [{ kind: 'principal', key: 'users/alice' }],
    },
    stamp,
    origin,
  ),
  'a detector bans': banEvent({ change: 'made', ban, here: true }, stamp, origin),
  'a ban of a detector ends': banEvent({ change: 'ended', ban: { ...ban, tighten: 5 }, here: true }, stamp, origin),
  gap: gapEvent(
    { sink: 'file', allows: 3, others: 1, firstSequence: 2, lastSequence: 5, sinceMs: 1, untilMs: 2 },
    stamp,
    origin,
  ),
  checkpoint: checkpointEvent(vouched, signer, stamp, origin),
};

for (const [name, { braces }] of Object.entries(encodings)) {
  test(`${name}: each kind of event is written as its golden case says`, () => {
    const { shape } = buildView({ encoding: name }, silentContext);
    const made = Object.entries(events).map(([kind, event]) => [kind, shape(event).line] as const);
    const file = join(import.meta.dirname, `testdata/${name}.txt`);
    const text = made.map(([kind, line]) => `# ${kind}\n${line}\n`).join('\n');
    if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
    for (const [kind, line] of made) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u, kind);
      for (const secret of Object.values(planted)) assert.ok(!line.includes(secret), `${kind} ${secret}`);
      if (braces !== undefined) assert.ok(line.endsWith('}'.repeat(braces)) && typeof JSON.parse(line) === 'object');
    }
  });
}

test('every kind of event holds against the facts of OCSF 1.8.0', () => {
  for (const [kind, { line }] of Object.entries(events)) assert.deepEqual(ocsfFaults(JSON.parse(line)), [], kind);
});

test('our own facts end every line, for the chain is added to them', () => {
  for (const [kind, { line }] of Object.entries(events)) {
    const { unmapped } = JSON.parse(line);
    assert.deepEqual(Object.keys(unmapped), ['portcullis'], kind);
    assert.ok(line.endsWith(`,"unmapped":${JSON.stringify(unmapped)}}`), kind);
  }
});

test('cef: what stands in a field ends no field', () => {
  const { shape } = buildView({ encoding: 'cef' }, silentContext);
  const hostile = events['malformed, IPv6, hostile texts'];
  assert.ok(hostile !== undefined);
  const line = shape(hostile).line;
  const [version, ...fields] = line.split(/(?<!\\)\|/);
  assert.equal(version, 'CEF:0');
  // Of the extension alone a pipe is a part as it is.
  assert.match(fields.slice(6).join('|'), /^rt=\d+ /);
  assert.match(line, / request=\/a\|b\\=c\\\\d\\\\u\{a\} /);
});
