import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRoutes, routesMost } from './routes.ts';

test('a route keeps its number, whatever came between, and what there is no room for has none', () => {
  const routes = openRoutes();
  const names = Array.from({ length: routesMost }, (_, index) => (index === 0 ? '' : `r${index}`));
  for (const round of [1, 2]) {
    for (const [index, name] of names.entries()) assert.equal(routes(name), index + 1, `${name} in round ${round}`);
    assert.equal(routes('one too many'), 0);
  }
  assert.equal(routes('r7'), 8);
});
