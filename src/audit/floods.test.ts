import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import { aPrincipal } from '../../test/support/requests.ts';
import { allowed, denied, denyOf, trailOf } from '../../test/support/trails.ts';
import { reject } from '../core/verdict.ts';
import { decisionEvent } from './event.ts';
import { type Flood, type FloodConfig, openFloods } from './floods.ts';

function open(config: Partial<FloodConfig> = {}) {
  const time = openTime();
  const told: Flood[] = [];
  const floods = openFloods({ windowMs: 10_000, first: 2, ...config }, time.clock, (flood) => told.push(flood));
  return { floods, told, time };
}

const denial = (rule = 'orders-write') =>
  denied('authorize', 'role_missing', { decision: denyOf('role_missing', rule) });

test('the first denials of a window are told at once, the rest together, and the next window begins anew', () => {
  const { floods, told, time } = open();
  assert.deepEqual(
    Array.from({ length: 5 }, () => floods.takes(denial())),
    [false, false, true, true, true],
  );
  time.advance(9_999);
  assert.ok(floods.takes(denial()));
  assert.equal(told.length, 0);
  time.advance(1);
  assert.ok(!floods.takes(denial()));
  assert.deepEqual(
    told.map(({ count, ids }) => [count, ids.length]),
    [[4, 4]],
  );
});

test('another rule, reason, client or attack is another flood', () => {
  const { floods } = open({ first: 1 });
  const attack = (rules: readonly string[]) =>
    trailOf(denyOf('attack_detected', 'r'), {}, (trail) =>
      trail.note('inspect', reject('attack_detected', { 'attack.rules': rules }), { rule: 'r' }),
    );
  const others = [
    denial(),
    denial('other'),
    denied('authorize', 'permission_missing'),
    denied('authorize', 'role_missing', { principal: aPrincipal({ id: 'bob' }) }),
    denied('identify', 'token_expired'),
    attack(['942100']),
    attack(['941100']),
  ];
  assert.ok(others.every((trail) => !floods.takes(trail)));
  assert.ok(others.every((trail) => floods.takes(trail)));
});

test('allows and exchanges are never put together, and a window of nothing puts nothing together', () => {
  const { floods } = open({ first: 1 });
  const exchange = () => denied('process_request', 'request_leaks', { service: 'process' });
  for (let at = 0; at < 5; at += 1) assert.ok(!floods.takes(allowed()) && !floods.takes(exchange()));
  const off = open({ windowMs: 0, first: 1 });
  for (let at = 0; at < 5; at += 1) assert.ok(!off.floods.takes(denial()));
});

test('state is bounded: the oldest window ends early, and what it counted is told', () => {
  const { floods, told } = open({ first: 1 });
  for (let at = 0; at < 2; at += 1) floods.takes(denial('oldest'));
  for (let at = 0; at < 10_000; at += 1) floods.takes(denial(`rule-${at}`));
  assert.deepEqual(
    told.map(({ trail, count }) => [trail.decision.rule, count]),
    [['oldest', 1]],
  );
});

test('one event tells of a flood: how many, since when, until when, and which', () => {
  const { floods, told } = open({ first: 1 });
  for (const startMs of [1000, 2000, 3000.5]) floods.takes({ ...denial(), startMs });
  floods.flush();
  floods.flush();
  const [flood] = told;
  assert.ok(flood !== undefined && told.length === 1);
  const event = JSON.parse(decisionEvent(flood.trail, 1, { version: '1', instanceId: 'i' }, flood).line);
  assert.deepEqual([event.count, event.start_time, event.end_time], [2, 2000, 3000]);
  assert.match(event.message, /^denied 2 times more: /);
  assert.equal(event.unmapped.portcullis.flood.decision_ids.length, 2);
});

test('a window holds no bodies', () => {
  const { floods, told } = open({ first: 1 });
  const one = denial();
  assert.ok(one.attributes?.body !== undefined && one.request?.attributes.body !== undefined);
  for (let at = 0; at < 3; at += 1) floods.takes(one);
  floods.flush();
  const [flood] = told;
  assert.ok(flood?.trail.attributes !== undefined && flood.trail.request !== undefined);
  assert.equal(flood.trail.attributes.body, undefined);
  assert.equal(flood.trail.request.attributes.body, undefined);
  assert.equal(flood.trail.request.attributes.path, one.request.attributes.path);
});
