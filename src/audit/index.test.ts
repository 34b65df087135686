import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { aBan } from '../../test/support/bans.ts';
import { allowed, allowOf, denied, plantedAttributes, trailOf } from '../../test/support/trails.ts';
import type { BuildContext } from '../core/build.ts';
import { systemClock } from '../core/clock.ts';
import { type AuditOptions, buildAudit, createAudit } from './index.ts';

const context: BuildContext = {
  issue: (path, message) => assert.fail(`${path.join('.')}: ${message}`),
  at: () => context,
  file: () => undefined,
  directory: () => [],
  place: (name) => name,
};

function open(part: Partial<AuditOptions> = {}) {
  let text = '';
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  const messages: string[] = [];
  const note = (_fields: unknown, message: string) => messages.push(message);
  const audit = createAudit({
    ...buildAudit({ floods: { window: '0ms' } }, context),
    clock: systemClock,
    log: { info: note, warn: note, error: note },
    stdout,
    ...part,
  });
  const events = () => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  return { audit, events, messages };
}

test('recording takes no part of its caller’s turn: it is encoded later', async () => {
  const { audit, events } = open();
  audit.record(allowed());
  assert.equal(events().length, 0);
  await audit.flush();
  assert.equal(events().length, 1);
});

test('records are written without being asked for, in order and numbered', async () => {
  const { audit, events } = open();
  audit.lifecycle({ activity: 'start', version: 'v1' });
  for (let at = 0; at < 300; at += 1) audit.record(at % 2 === 0 ? allowed() : denied('guard', 'path_malformed'));
  audit.reload({ outcome: 'ok', version: 'v2', previous: 'v1', trigger: 'file' });
  while (events().length < 302) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    events().map(({ metadata }) => metadata.sequence),
    Array.from({ length: 302 }, (_, at) => at + 1),
  );
  assert.equal(new Set(events().map(({ metadata }) => metadata.product.uid)).size, 1);
});

test('allows are sampled, denials never, and numbers have no holes for what was not chosen', async () => {
  const { audit, events } = open({ allowSample: 0.5 });
  for (let at = 0; at < 200; at += 1) audit.record(allowed());
  for (let at = 0; at < 20; at += 1) audit.record(denied('authorize', 'role_missing'));
  await audit.flush();
  const denials = events().filter(({ action_id }) => action_id === 2);
  const allows = events().filter(({ action_id }) => action_id === 1);
  assert.equal(denials.length, 20);
  assert.ok(allows.length > 50 && allows.length < 150, String(allows.length));
  assert.equal(events().at(-1).metadata.sequence, events().length);
});

test('an exchange in which something was found is told, whatever the sample', async () => {
  const { audit, events } = open({ allowSample: 0 });
  audit.record(allowed());
  audit.record(allowed({ service: 'process' }));
  await audit.flush();
  assert.equal(events().length, 1);
});

test('a new plan changes the sample, and other sinks wait for the next start', async () => {
  const { audit, events, messages } = open();
  audit.adjust(buildAudit({ floods: { window: '0ms' }, allow: { sample: 0 } }, context));
  audit.record(allowed());
  await audit.flush();
  assert.equal(events().length, 0);
  assert.deepEqual(messages, []);
  audit.adjust(buildAudit({ sinks: ['otlp'] }, context));
  assert.deepEqual(messages, ['audit has changed; new sinks and delivery begin at the next start']);
});

test('a sink without an endpoint is inactive and says so; without any sink nothing is kept', async () => {
  const { audit, messages } = open({ sinks: buildAudit({ sinks: ['otlp'] }, context).sinks });
  assert.deepEqual(messages, ['an audit sink is inactive', 'no audit sink is active: decisions are written nowhere']);
  audit.record(allowed());
  audit.lifecycle({ activity: 'stop', version: undefined });
  await audit.close(1000);
});

test('a story that cannot be encoded is counted and told, and the others are written', async () => {
  const { audit, events, messages } = open();
  const broken = {
    ...allowed(),
    get planVersion(): string {
      throw new TypeError('broken');
    },
  };
  audit.record(broken);
  audit.record(trailOf(allowOf()));
  await audit.flush();
  assert.deepEqual(messages, ['an audit event could not be encoded']);
  const [gap, event] = events();
  assert.equal(gap.count, 1);
  assert.equal(event.class_uid, 6003);
});

test('what waits to be encoded is bounded too: by events and by what each holds', async () => {
  const { audit, events } = open({ bound: { events: 5, bytes: 1_000_000 } });
  for (let at = 0; at < 50; at += 1) audit.record(allowed());
  audit.record(denied('guard', 'path_malformed'));
  await audit.flush();
  assert.deepEqual([events()[0].count, events().length], [46, 6]);

  const heavy = open({ bound: { events: 1000, bytes: 30_000 } });
  for (let at = 0; at < 50; at += 1) heavy.audit.record(allowed());
  await heavy.audit.flush();
  assert.ok(heavy.events().length <= 16, String(heavy.events().length));

  const wordy = open({ bound: { events: 1000, bytes: 100_000 } });
  const attributes = plantedAttributes({ headers: { 'x-long': 'x'.repeat(30_000) } });
  for (let at = 0; at < 50; at += 1) wordy.audit.record(allowed({ attributes }));
  await wordy.audit.flush();
  assert.ok(wordy.events().length <= 4, String(wordy.events().length));
});

test('a flood of denials becomes few events, and every one is counted', async () => {
  const { audit, events } = open({ floods: { windowMs: 10_000, first: 3 } });
  for (let at = 0; at < 100; at += 1) audit.record(denied('authorize', 'role_missing'));
  await audit.close(1000);
  assert.deepEqual(
    events().map(({ count }) => count),
    [undefined, undefined, undefined, 97],
  );
});

test('after close nothing is recorded', async () => {
  const { audit, events } = open();
  audit.record(denied('guard', 'path_malformed'));
  await audit.close(1000);
  audit.record(denied('guard', 'path_malformed'));
  audit.lifecycle({ activity: 'stop', version: undefined });
  await audit.flush();
  assert.equal(events().length, 1);
});

test('close ends at its bound when a sink is stuck, and says what was lost', async () => {
  const { audit, messages } = open({ stdout: new Writable({ write: () => {} }) });
  audit.record(denied('guard', 'path_malformed'));
  await audit.close(5);
  assert.deepEqual(messages, ['audit events were lost at the end']);
});

test('findings and bans of detectors are told, those of operators and of other replicas are not', async () => {
  const { audit, events } = open();
  audit.found({
    id: 'f1',
    detector: 'surge',
    phase: 'begins',
    title: 'many requests',
    subject: { kind: 'route', name: 'orders' },
    sinceMs: 1,
    atMs: 2,
    measure: { name: 'requests_per_second', observed: 9, expected: 3 },
    technique: undefined,
    action: 'ban',
    targets: [],
    shadow: false,
  });
  const ban = aBan('198.51.100.7', { by: 'surge', id: 'b1' });
  audit.banned({ change: 'made', ban, here: true });
  audit.banned({ change: 'made', ban, here: false });
  audit.banned({ change: 'made', ban: aBan('198.51.100.8'), here: true });
  audit.banned({ change: 'lifted', ban, here: true });
  await audit.flush();
  const told = events().map((event) => [event.type_uid, event.finding_info.uid, event.action_id]);
  assert.deepEqual(told, [
    [200401, 'f1', 3],
    [200401, 'b1', 2],
    [200403, 'b1', 2],
  ]);
});

test('a change of an address feed is told when it happens', async () => {
  const { audit, events } = open();
  const after = { entries: 3, version: '0123456789abcdef' };
  const drop = { name: 'drop', list: 'deny', format: 'plain', source: 'https://lists.example' } as const;
  audit.feedChanged({ ...drop, outcome: 'taken', before: undefined, after, problem: undefined });
  await audit.flush();
  assert.deepEqual(
    events().map(({ class_uid, entity_result }) => [class_uid, entity_result.version]),
    [[3004, after.version]],
  );
});
