import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRequest } from '../../test/support/requests.ts';
import { allowed, denied, planted } from '../../test/support/trails.ts';
import { openDecided } from './decided.ts';

const names = { headers: new Set(['x-api-key']), cookies: ['session'], queries: new Set<string>() };
const { observe } = openDecided(1, () => names);

test('an allowed request is observed with who sent it, and no guess', () => {
  const seen = observe(allowed());
  assert.equal(seen?.reason, 'ok');
  assert.equal(seen?.guess, undefined);
  assert.equal(seen?.path, '/orders/1');
  assert.equal(seen?.principal, allowed().principal?.key);
});

test('a refused credential is a guess, told from another one, and shown to nobody', () => {
  const seen = observe(denied('identify', 'token_signature'));
  assert.equal(seen?.reason, 'token_signature');
  assert.equal(typeof seen?.guess, 'number');
  assert.equal(observe(denied('identify', 'api_key_unknown'))?.guess, seen?.guess);
  assert.notEqual(openDecided(2, () => names).observe(denied('identify', 'token_signature'))?.guess, seen?.guess);
  for (const secret of Object.values(planted)) assert.ok(!JSON.stringify(seen).includes(secret));
});

test('a guess is hidden by no constant beside it, however long', () => {
  const guessOf = (key: string, authorization: string): number | undefined => {
    const request = aRequest({ headers: { authorization, 'x-api-key': key } });
    return observe(denied('identify', 'api_key_unknown', { request }))?.guess;
  };
  for (const beside of ['Basic eDp5', `Bearer ${'x'.repeat(2000)}`]) {
    assert.notEqual(guessOf('guess-1', beside), guessOf('guess-2', beside));
    assert.equal(guessOf('guess-1', beside), guessOf('guess-1', beside));
  }
});

test('what was good once, or nothing at all, is no guess; nor is what another step refused', () => {
  for (const reason of [
    'token_expired',
    'credential_missing',
    'credential_revoked',
    'client_banned',
    'token_audience',
    'token_key_unknown',
  ] as const) {
    assert.equal(observe(denied('identify', reason))?.guess, undefined, reason);
  }
  assert.equal(observe(denied('authorize', 'permission_missing'))?.guess, undefined);
});

test('before the guard has let a request through nobody knows its client', () => {
  assert.equal(observe(denied('guard', 'path_ambiguous', { request: undefined }))?.network, '');
});

test('the story of a body on its way is not that of a request', () => {
  assert.equal(observe({ ...allowed(), service: 'process' }), undefined);
});
