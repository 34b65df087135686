import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateLimitRequest, RateLimitResponse } from './gen/envoy/service/ratelimit/v3/rls.ts';
import { fromRateLimitRequest } from './rate-limit-request.ts';
import { toRateLimitResponse } from './rate-limit-response.ts';

const encoded = (fields: Partial<RateLimitRequest>): Uint8Array =>
  RateLimitRequest.encode({ domain: 'd', descriptors: [], hitsAddend: 0, ...fields }).finish();

test('descriptors keep their order, their entries and their own hits', () => {
  const entries = [
    { key: 'path', value: '/' },
    { key: 'user', value: '' },
  ];
  const bytes = encoded({
    hitsAddend: 7,
    descriptors: [
      { entries, limit: undefined, hitsAddend: undefined, isNegativeHits: false },
      { entries: [], limit: undefined, hitsAddend: 2n ** 64n - 1n, isNegativeHits: false },
      { entries: [], limit: undefined, hitsAddend: 0n, isNegativeHits: false },
    ],
  });
  assert.deepEqual(fromRateLimitRequest(bytes), {
    domain: 'd',
    hitsAddend: 7,
    descriptors: [
      { entries, hitsAddend: undefined },
      { entries: [], hitsAddend: 2n ** 64n - 1n },
      { entries: [], hitsAddend: 0n },
    ],
  });
});

test('hits that are given back are not taken', () => {
  const bytes = encoded({ descriptors: [{ entries: [], limit: undefined, hitsAddend: 5n, isNegativeHits: true }] });
  assert.deepEqual(fromRateLimitRequest(bytes)?.descriptors, [{ entries: [], hitsAddend: 0n }]);
});

test('no bytes make it throw', () => {
  assert.equal(fromRateLimitRequest(Uint8Array.of(0x0a, 0x7f)), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      fromRateLimitRequest(bytes);
    }),
  );
});

test('statuses keep their order; one without a limit says nothing of one', () => {
  const limit = { name: 'n', requestsPerUnit: 5, unit: 'week' } as const;
  const message = RateLimitResponse.decode(
    toRateLimitResponse({
      overall: 'over_limit',
      statuses: [
        { code: 'over_limit', limit, limitRemaining: 0, resetSeconds: 30 },
        { code: 'ok', limit: undefined, limitRemaining: 0xffff_ffff, resetSeconds: 0 },
      ],
      headers: [
        { name: 'retry-after', value: '30' },
        { name: 'x-bad', value: '\n' },
      ],
    }),
  );
  assert.equal(message.overallCode, 2);
  assert.deepEqual(message.statuses, [
    {
      code: 2,
      currentLimit: { name: 'n', requestsPerUnit: 5, unit: 7 },
      limitRemaining: 0,
      durationUntilReset: { seconds: 30n, nanos: 0 },
      quota: undefined,
    },
    { code: 1, currentLimit: undefined, limitRemaining: 0xffff_ffff, durationUntilReset: undefined, quota: undefined },
  ]);
  assert.deepEqual(
    message.responseHeadersToAdd.map(({ key, value }) => [key, value]),
    [['retry-after', '30']],
  );
});

test('numbers that do not fit 32 bits become the nearest that does', () => {
  const remainingOf = (limitRemaining: number): number | undefined => {
    const statuses = [{ code: 'ok', limit: undefined, limitRemaining, resetSeconds: 0 }] as const;
    return RateLimitResponse.decode(toRateLimitResponse({ overall: 'ok', statuses, headers: [] })).statuses[0]
      ?.limitRemaining;
  };
  assert.equal(remainingOf(-1), 0);
  assert.equal(remainingOf(2 ** 40), 0xffff_ffff);
  assert.equal(remainingOf(Number.POSITIVE_INFINITY), 0xffff_ffff);
  assert.equal(remainingOf(Number.NaN), 0);
});
