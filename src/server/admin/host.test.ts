import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHostCheck } from './host.ts';

const isOurs = openHostCheck('0.0.0.0:9192');

for (const host of [
  undefined,
  '127.0.0.1',
  '10.0.0.7:9192',
  '[fd00::7]:9192',
  'localhost:9192',
  'Portcullis:9192',
  'portcullis.shop.svc:9192',
  'portcullis.shop.svc.cluster.local',
  'host.docker.internal:9192',
]) {
  test(`the host ${host} may be ours`, () => assert.equal(isOurs(host), true));
}

for (const host of [
  '',
  'evil.example',
  'evil.example:9192',
  'evil.example.',
  'a.local.',
  'local.evil',
  '[evil.example]',
  'a:b:c',
]) {
  test(`the host ${host} is not ours`, () => assert.equal(isOurs(host), false));
}

test('the name that is listened on is ours, and so is all that comes over a socket file', () => {
  assert.equal(openHostCheck('Gateway.example:9192')('gateway.EXAMPLE:9192'), true);
  assert.equal(openHostCheck('gateway.example:9192')('gateway.example.evil'), false);
  assert.equal(openHostCheck('unix:/run/admin.sock')('evil.example'), true);
});
