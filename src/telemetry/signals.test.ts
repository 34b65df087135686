import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowed, allowOf, denied, denyOf, trailOf } from '../../test/support/trails.ts';
import { openTrail } from '../core/trail.ts';
import { pass, passWith, reject } from '../core/verdict.ts';
import { createCells } from './cells.ts';
import { expose } from './exposition.ts';
import { createSignals } from './signals.ts';

const clock = { nowMs: () => 1_795_320_000_500, monotonicMs: () => 0 };

function open() {
  const cells = createCells();
  const lines = (): readonly string[] => expose(cells.collect()).split('\n');
  return {
    signals: createSignals(cells, clock),
    has: (line: string) => assert.ok(lines().includes(line), line),
    lines,
  };
}

test('decisions are counted by rule, effect and reason, and timed', () => {
  const { signals, has } = open();
  signals.decided(allowed());
  signals.decided(denied('authorize', 'permission_missing'));
  signals.decided(denied('guard', 'path_malformed'));
  has('portcullis_decisions_total{rule="orders-write",effect="allow",reason="ok"} 1');
  has('portcullis_decisions_total{rule="orders-write",effect="deny",reason="permission_missing"} 1');
  has('portcullis_decisions_total{rule="none",effect="deny",reason="path_malformed"} 1');
  has('portcullis_decision_duration_seconds_bucket{effect="allow",le="0.001"} 1');
  has('portcullis_decision_duration_seconds_bucket{effect="allow",le="0.0005"} 0');
});

test('what shadow rules would have decided is counted apart', () => {
  const { signals, has, lines } = open();
  signals.decided(
    trailOf(allowOf('deciding'), {}, (trail) => {
      trail.note('authorize', reject('role_missing'), { rule: 'strict', shadow: true });
      trail.note('authorize', pass(), { rule: 'mild', shadow: true });
      trail.note('guard', pass(), { shadow: true });
    }),
  );
  has('portcullis_shadow_decisions_total{rule="strict",effect="deny",reason="role_missing"} 1');
  has('portcullis_shadow_decisions_total{rule="mild",effect="allow",reason="ok"} 1');
  has('portcullis_shadow_decisions_total{rule="none",effect="allow",reason="ok"} 1');
  assert.equal(lines().filter((line) => line.startsWith('portcullis_decisions_total{')).length, 1);
});

test('what a search found is counted by class, and by what became of it', () => {
  const { signals, has } = open();
  const found = { 'attack.classes': ['sqli', 'xss'], 'attack.rules': ['sqli-shape'] };
  signals.decided(
    trailOf(denyOf('attack_detected', 'orders'), {}, (trail) => {
      trail.note('inspect', reject('attack_detected', found));
      trail.note('inspect', reject('attack_detected', found), { rule: 'watching', shadow: true });
      trail.note('inspect', passWith(undefined, { ...found, 'protect.shadow': true }));
      trail.note('inspect', passWith(undefined, { 'attack.classes': ['sqli'] }));
    }),
  );
  has('portcullis_attack_matches_total{class="sqli",outcome="refused"} 1');
  has('portcullis_attack_matches_total{class="xss",outcome="refused"} 1');
  has('portcullis_attack_matches_total{class="xss",outcome="shadow"} 2');
  has('portcullis_attack_matches_total{class="sqli",outcome="passed"} 1');
});

test('messages on their way are counted by what became of them, with their bytes and their time', () => {
  const { signals, has } = open();
  const message = { rule: 'reports', message: 'response', bytes: 1000, durationMs: 20 } as const;
  signals.messageProcessed({ ...message, outcome: 'changed', reason: 'ok' });
  signals.messageProcessed({ ...message, rule: undefined, outcome: 'refused', reason: 'internal_error' });
  signals.streamsOpen(3);
  has('portcullis_ext_proc_messages_total{rule="reports",message="response",outcome="changed",reason="ok"} 1');
  has('portcullis_ext_proc_messages_total{rule="none",message="response",outcome="refused",reason="internal_error"} 1');
  has('portcullis_ext_proc_bytes_total{message="response"} 2000');
  has('portcullis_ext_proc_duration_seconds_count{message="response"} 2');
  has('portcullis_ext_proc_streams 3');
});

test('limits, the store, key sets, descriptors and loads are counted', () => {
  const { signals, has, lines } = open();
  signals.limitChecked('per_user', 'limited', true);
  signals.storeCalled('timeout', 20);
  signals.keySetFetched('users', 'ok', 2);
  signals.keySetFetched('users', 'error', 0);
  signals.providerCalled('opaque', 'introspection', 'timeout', 20);
  signals.introspected('opaque', 'cache', 'active');
  signals.descriptorsChecked(`edge${'x'.repeat(500)}`, 'over_limit');
  signals.planLoaded('ok', 'v1');
  signals.planLoaded('ok', 'v2');
  signals.planLoaded('refused', 'v3');
  has('portcullis_limit_checks_total{limit="per_user",outcome="limited",shadow="true"} 1');
  has('portcullis_store_calls_total{outcome="timeout"} 1');
  has('portcullis_store_call_duration_seconds_sum{outcome="timeout"} 0.02');
  has('portcullis_key_set_keys{identity="users"} 2');
  has('portcullis_key_set_fetches_total{identity="users",outcome="error"} 1');
  has('portcullis_key_set_last_success_timestamp_seconds{identity="users"} 1795320000.5');
  has('portcullis_provider_calls_total{identity="opaque",endpoint="introspection",outcome="timeout"} 1');
  has('portcullis_provider_call_duration_seconds_sum{identity="opaque",endpoint="introspection"} 0.02');
  has('portcullis_introspections_total{identity="opaque",from="cache",outcome="active"} 1');
  has('portcullis_plan_loads_total{outcome="refused"} 1');
  has('portcullis_last_reload_successful 0');
  has('portcullis_plan_info{version="v2"} 1');
  assert.ok(!lines().some((line) => line.includes('v1') || line.includes('v3')));
  assert.ok(lines().every((line) => line.length < 300));
});

test('state, logs and revocations are told apart from the counters', () => {
  const { signals, has } = open();
  signals.stateCalled('timeout', 250);
  signals.logFollowed('revocations', true);
  signals.logFollowed('revocations', false);
  signals.revocationsKnown(3);
  signals.bansHeld('tighten', 2);
  signals.banChanged('operator', 'made');
  signals.webhookTold('edge', 'delivered');
  has('portcullis_state_calls_total{outcome="timeout"} 1');
  has('portcullis_state_call_duration_seconds_sum{outcome="timeout"} 0.25');
  has('portcullis_log_current{log="revocations"} 0');
  has('portcullis_revocations 3');
  has('portcullis_bans{effect="tighten"} 2');
  has('portcullis_ban_webhooks_total{webhook="edge",outcome="delivered"} 1');
  has('portcullis_ban_changes_total{by="operator",outcome="made"} 1');
});

test('what ends, and whether Redis is there, is told', () => {
  const { signals, has, lines } = open();
  signals.storeLinked('counters', true);
  signals.storeLinked('state', false);
  signals.certificateEnds('listener', 1_800_000_000_000);
  signals.keySetEnds('users', 1_800_000_000_000);
  signals.keySetEnds('partners', 1_900_000_000_000);
  signals.keySetEnds('users', undefined);
  has('portcullis_store_connected{store="counters"} 1');
  has('portcullis_store_connected{store="state"} 0');
  has('portcullis_certificate_expiry_timestamp_seconds{use="listener"} 1800000000');
  has('portcullis_key_set_expiry_timestamp_seconds{identity="partners"} 1900000000');
  assert.ok(!lines().some((line) => line.startsWith('portcullis_key_set_expiry_timestamp_seconds{identity="users"')));
});

test('each step is timed, and an exchange has no steps', () => {
  const { signals, has } = open();
  const trail = openTrail(() => 2, 0);
  trail.note('guard', pass());
  const { entries } = trail;
  signals.decided(trailOf(allowOf('r'), { entries, durationMs: 10 }));
  signals.decided(trailOf(allowOf('r'), { entries, durationMs: 10, service: 'process' }));
  has('portcullis_step_duration_seconds_sum{step="guard"} 0.002');
  has('portcullis_step_duration_seconds_sum{step="respond"} 0.008');
});

test('audit tells what became of its events and how many wait', () => {
  const { signals, has } = open();
  signals.auditDelivered('stdout', 'written', 5);
  signals.auditDelivered('stdout', 'dropped', 2);
  signals.auditQueued('stdout', 3, 900);
  signals.auditBounded(1024);
  has('portcullis_audit_events_total{sink="stdout",outcome="written"} 5');
  has('portcullis_audit_events_total{sink="stdout",outcome="dropped"} 2');
  has('portcullis_audit_queue_events{sink="stdout"} 3');
  has('portcullis_audit_queue_bytes{sink="stdout"} 900');
  has('portcullis_audit_queue_limit_bytes 1024');
});
