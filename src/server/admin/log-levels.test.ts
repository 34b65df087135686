import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../core/json.ts';
import type { LogLevels } from '../../telemetry/log-levels.ts';
import { logLevelRoutes } from './log-levels.ts';

function open() {
  let levels: LogLevels = { level: 'info', parts: { store: 'debug' } };
  const adjust = (next: LogLevels): void => {
    levels = next;
  };
  const { GET, PUT } = logLevelRoutes({ levels: () => levels, adjust })['/log/levels'] ?? {};
  const query = new URLSearchParams();
  assert.ok(GET !== undefined && PUT !== undefined);
  return {
    get: () => GET({ query, about: () => {}, body: undefined }),
    put: (body: Json) => PUT({ query, about: () => {}, body }),
    levels: () => levels,
  };
}

test('every part is told with the level that it goes by', async () => {
  const outcome = await open().get();
  assert.ok(outcome.kind === 'done');
  const value = JSON.parse(JSON.stringify(outcome.value));
  assert.deepEqual([value.level, value.parts.store, value.parts.audit], ['info', 'debug', 'info']);
});

test('levels are put in force as a whole', async () => {
  const { put, levels } = open();
  const outcome = await put({ level: 'warn', parts: { feeds: 'debug' } });
  assert.deepEqual([outcome.kind, outcome.object], ['done', { type: 'log', name: 'levels' }]);
  assert.deepEqual(levels(), { level: 'warn', parts: { feeds: 'debug' } });
  await put({ level: 'error' });
  assert.deepEqual(levels(), { level: 'error', parts: {} });
});

test('what is no level, no part or no member changes nothing, and all of it is told', async () => {
  const { put, levels } = open();
  const before = levels();
  for (const [body, issues] of [
    [null, 1],
    [{}, 1],
    [{ level: 'loud', parts: { nobody: 'info', store: 7, __proto__: 'info' }, more: 1 }, 4],
    [{ level: 'info', parts: ['debug'] }, 1],
    [{ level: 'info', parts: null }, 1],
  ] as const) {
    const outcome = await put(JSON.parse(JSON.stringify(body)));
    assert.equal(outcome.kind === 'invalid' && outcome.issues.length, issues, JSON.stringify(outcome));
  }
  assert.equal(levels(), before);
});
