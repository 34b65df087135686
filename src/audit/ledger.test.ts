import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openLedger, type Seal } from './ledger.ts';
import type { AuditEvent } from './ocsf.ts';
import { lifecycleEvent } from './system-event.ts';

const origin = { version: '1', instanceId: 'i' };
const eventOf = (sequence: number): AuditEvent =>
  lifecycleEvent({ activity: 'start', version: undefined }, { uid: `u${sequence}`, sequence, timeMs: 0 }, origin);

const sealOf = (part: Partial<Seal> = {}): Seal => ({
  id: 'i/test',
  braces: 3,
  keyId: 'k',
  checkpoint: ({ sequence, end }) => ({ ...eventOf(0), uid: `${end ? 'end' : 'checkpoint'} of ${sequence}` }),
  everyEvents: 3,
  everyMs: 1_000_000,
  ...part,
});
const same = (event: AuditEvent): AuditEvent => event;
const uids = (events: readonly AuditEvent[]): readonly string[] => events.map(({ uid }) => uid);

test('a checkpoint follows so many events, and one ends the chain once', () => {
  const ledger = openLedger(sealOf(), () => {});
  assert.deepEqual(uids(ledger.seal([1, 2].map(eventOf), false, same).events), ['u1', 'u2']);
  assert.deepEqual(uids(ledger.seal([eventOf(3)], false, same).events), ['u3', 'checkpoint of 3']);
  assert.deepEqual(uids(ledger.seal([], true, same).events), ['end of 4']);
  assert.deepEqual(uids(ledger.seal([], true, same).events), []);
  ledger.close();
});

test('a chain of nothing has no end', () => {
  assert.deepEqual(openLedger(sealOf(), () => {}).seal([], true, same).events, []);
});

test('what was never written gives its places back', () => {
  const ledger = openLedger(sealOf(), () => {});
  const { unseal, events } = ledger.seal([eventOf(1)], false, same);
  unseal();
  assert.deepEqual(ledger.seal([eventOf(1)], false, same).events, events);
  ledger.close();
});

test('what waits for a checkpoint for too long is reminded of', async () => {
  const reminded = Promise.withResolvers<void>();
  const ledger = openLedger(sealOf({ everyMs: 1 }), reminded.resolve);
  ledger.seal([eventOf(1)], false, same);
  const alive = pause(10_000, undefined, { ref: true, signal: AbortSignal.timeout(10_000) }).catch(() => {});
  await Promise.race([reminded.promise, alive]);
  assert.ok(ledger.due);
  assert.deepEqual(uids(ledger.seal([], false, same).events), ['checkpoint of 1']);
  assert.ok(!ledger.due);
});

test('without a seal events stay as they are', () => {
  const event = eventOf(1);
  assert.deepEqual(openLedger(undefined, () => {}).seal([event], true, same).events, [event]);
});
