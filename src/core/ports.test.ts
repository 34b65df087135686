import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentAuditSignals, silentLog, silentSignals, silentTracing } from './ports.ts';

const trail = Object.create(null); // Silent ports look at nothing, so that anything is a trail.

test('silent ports take everything and say nothing', () => {
  const silent = [silentLog, silentSignals, silentAuditSignals, silentTracing];
  for (const port of silent) {
    assert.ok(Object.isFrozen(port));
    for (const [name, call] of Object.entries(port)) {
      const result: unknown = Reflect.apply(call, port, [trail, trail, trail]);
      assert.equal(result, undefined, name);
    }
  }
});
