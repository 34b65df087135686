import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../core/address.ts';
import { openAddressTable } from '../../core/address-table.ts';
import type { FeedReading } from './job.ts';
import { openPerformer } from './perform.ts';
import { findIn } from './table.ts';

const hourMs = 3_600_000;

interface Sketch {
  readonly id: number;
  readonly value?: string;
  readonly type?: string;
  readonly scope?: string;
  readonly duration?: string;
  readonly simulated?: boolean;
}

const decision = ({ id, ...rest }: Sketch) => ({
  id,
  origin: 'cscli',
  scenario: 'manual',
  scope: 'Ip',
  type: 'ban',
  value: '9.9.9.9',
  duration: '4h',
  ...rest,
});

/** A stream that is told what came, at a time. */
function openStream() {
  const performer = openPerformer();
  const limits = { maxEntries: 1000, keepSpecial: false };
  const say = (text: string, startup = false, nowMs = 0, floor = 0): FeedReading =>
    performer.perform({ kind: 'decisions', origin: 'a', limits, floor, startup, chunks: [Buffer.from(text)], nowMs });
  return {
    say,
    tell: (added: readonly Sketch[] | null, deleted: readonly Sketch[] | null, startup = false, nowMs = 0) =>
      say(
        JSON.stringify({ new: added?.map(decision) ?? null, deleted: deleted?.map(decision) ?? null }),
        startup,
        nowMs,
      ),
    expire: (nowMs: number) => performer.perform({ kind: 'expire', origin: 'a', nowMs }),
    forget: () => performer.perform({ kind: 'forget', origin: 'a' }),
  };
}

function bannedIn(reading: FeedReading, ...addresses: readonly string[]): readonly string[] {
  assert.ok(reading.ok, reading.ok ? '' : reading.problem);
  const table = openAddressTable(reading.packed ?? assert.fail());
  return addresses.filter((text) => findIn(table, parseAddress(text) ?? assert.fail(text)) !== undefined);
}
const problemOf = (reading: FeedReading): string => (reading.ok ? 'none' : reading.problem);

test('everything comes first, then what has changed', () => {
  const stream = openStream();
  const [a, b] = ['9.9.9.9', '203.0.113.0'];
  const first = stream.tell([{ id: 1 }, { id: 2, scope: 'Range', value: '203.0.113.0/24' }], null, true);
  assert.deepEqual(bannedIn(first, a, b, '8.8.8.8'), [a, b]);
  assert.deepEqual(bannedIn(stream.tell(null, [{ id: 2 }]), a, b), [a]);
  assert.deepEqual(bannedIn(stream.tell([{ id: 3, value: b }], []), a, b), [a, b]);
  assert.deepEqual(bannedIn(stream.tell([{ id: 4, value: b }], null, true), a, b), [b]);
});

test('of several decisions for one address each has its own end', () => {
  const stream = openStream();
  stream.tell(
    [
      { id: 1, duration: '1h' },
      { id: 2, duration: '2h30m0.5s' },
    ],
    null,
    true,
  );
  assert.deepEqual(bannedIn(stream.tell(null, [{ id: 1 }]), '9.9.9.9'), ['9.9.9.9']);
  const late = stream.expire(2 * hourMs);
  assert.deepEqual(bannedIn(late, '9.9.9.9'), ['9.9.9.9']);
  assert.equal(late.ok && late.expiresMs, 2.5 * hourMs + 500);
  assert.deepEqual(bannedIn(stream.expire(2.5 * hourMs + 500), '9.9.9.9'), []);
});

test('an answer without news hands over nothing, until a decision ends', () => {
  const stream = openStream();
  stream.tell([{ id: 1, duration: '1h' }], null, true);
  for (const answer of [stream.tell(null, null), stream.tell([], [], false, hourMs - 1)]) {
    assert.ok(answer.ok);
    assert.deepEqual([answer.packed, answer.entries, answer.expiresMs], [undefined, 1, hourMs]);
  }
  assert.deepEqual(bannedIn(stream.tell([], [], false, hourMs), '9.9.9.9'), []);
});

test('only bans of addresses count', () => {
  const stream = openStream();
  const others: readonly Sketch[] = [
    { id: 1, type: 'captcha' },
    { id: 2, scope: 'Country', value: 'FR' },
    { id: 3, simulated: true },
    { id: 4, duration: '-3h' },
  ];
  assert.deepEqual(bannedIn(stream.tell(others, null, true), '9.9.9.9'), []);
  assert.deepEqual(bannedIn(stream.tell([{ id: 5, type: 'BAN', scope: 'ip' }], null), '9.9.9.9'), ['9.9.9.9']);
});

test('an answer that is none changes nothing', () => {
  const stream = openStream();
  stream.tell([{ id: 1 }], null, true);
  for (const text of ['', '[]', '{}', '{"new":{}}', '{"new":[],"deleted":3}', '{"new":[', '"x"']) {
    assert.match(problemOf(stream.say(text)), /^the answer/, text);
  }
  assert.equal(problemOf(stream.say('{"new":[]}', true, 0, 1)), '0 entries, less than half of those in force');
  assert.deepEqual(bannedIn(stream.expire(0), '9.9.9.9'), ['9.9.9.9']);
});

test('each decision stands by itself: what cannot be read, or is too wide, is left out', () => {
  const stream = openStream();
  const odd: readonly Sketch[] = [
    { id: 1, value: 'junk' },
    { id: 2, duration: 'soon' },
    { id: 3, scope: 'Range', value: '0.0.0.0/0' },
    { id: 4, scope: 'Range', value: '203.0.113.7/24' },
  ];
  const reading = stream.tell(odd, null, true);
  assert.deepEqual(bannedIn(reading, '9.9.9.9', '203.0.113.200'), ['203.0.113.200']);
  assert.deepEqual(reading.ok && [reading.entries, reading.unreadable], [1, 3]);
});

test('changes to what nobody knows are refused', () => {
  const stream = openStream();
  assert.match(problemOf(stream.tell([{ id: 1 }], null)), /not known any more/);
  stream.tell([{ id: 1 }], null, true);
  stream.forget();
  assert.match(problemOf(stream.tell([{ id: 1 }], null)), /not known any more/);
});
