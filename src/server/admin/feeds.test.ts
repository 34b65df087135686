import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedRoutes } from './feeds.ts';

test('each feed is told with its age and its trouble', async () => {
  const clock = { nowMs: () => 100_000, monotonicMs: () => 0 };
  const leftOut = { unreadable: 1, special: 2 };
  const feed = { list: 'deny', format: 'plain', source: 'https://lists.example/a', entries: 3, leftOut } as const;
  const routes = feedRoutes(
    () => [
      { ...feed, name: 'a', takenMs: 10_000, confirmedMs: 40_400, problem: undefined },
      { ...feed, name: 'b', entries: 0, takenMs: undefined, confirmedMs: undefined, problem: 'status 500' },
    ],
    clock,
  );
  const outcome = await routes['/feeds']?.GET?.({ query: new URLSearchParams(), about: () => {}, body: undefined });
  assert.deepEqual(outcome?.kind === 'done' && outcome.value, {
    feeds: [
      {
        ...{ name: 'a', list: 'deny', format: 'plain', source: 'https://lists.example/a', entries: 3 },
        left_out: leftOut,
        ...{ taken: '1970-01-01T00:00:10.000Z', confirmed: '1970-01-01T00:00:40.400Z', age_seconds: 60, problem: null },
      },
      {
        ...{ name: 'b', list: 'deny', format: 'plain', source: 'https://lists.example/a', entries: 0 },
        left_out: leftOut,
        ...{ taken: null, confirmed: null, age_seconds: null, problem: 'status 500' },
      },
    ],
  });
});
