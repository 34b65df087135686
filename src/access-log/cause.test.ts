import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry, type EntrySketch } from '../../test/support/access-entries.ts';
import { causeOf } from './cause.ts';

const cases: readonly (readonly [what: string, sketch: EntrySketch, cause: ReturnType<typeof causeOf>])[] = [
  ['went well', {}, undefined],
  ['was sent elsewhere', { response: { status: 302 } }, undefined],
  ['asked for what is not there', { response: { status: 404 } }, 'client'],
  ['left', { response: { status: undefined, flags: ['DC'] } }, 'client'],
  ['broke HTTP', { response: { status: 400, flags: ['DPE'], details: 'http1.codec_error' } }, 'client'],
  [
    'was refused by a rule',
    { response: { status: 403, flags: ['UAEX'] }, vouched: { reason: 'permission_missing' } },
    'policy',
  ],
  ['was refused by a limit of Envoy', { response: { status: 429, flags: ['RL'] } }, 'policy'],
  ['met a leak', { response: { status: 502, flags: ['UAEX'] }, vouched: { reason: 'response_leaks' } }, 'policy'],
  [
    'could not be decided',
    { response: { status: 503, flags: ['UAEX'] }, vouched: { reason: 'internal_error' } },
    'gateway',
  ],
  ['found nobody to decide', { response: { status: 503, flags: ['UAEX'], details: 'ext_authz_error' } }, 'gateway'],
  [
    'was refused for a reason that we do not know',
    { response: { flags: ['UAEX'] }, vouched: { reason: 'toString' } },
    'gateway',
  ],
  ['has no route', { response: { status: 404, flags: ['NR'], details: 'route_not_found' } }, 'gateway'],
  ['found too many others', { response: { status: 503, flags: ['UO'], details: 'overflow' } }, 'gateway'],
  ['found no upstream', { response: { status: 503, flags: ['UH'], details: 'no_healthy_upstream' } }, 'upstream'],
  ['waited in vain', { response: { status: 504, flags: ['UT'], details: 'response_timeout' } }, 'upstream'],
  ['found the upstream broken', { response: { status: 500 } }, 'upstream'],
  ['found Envoy broken', { response: { status: 500, details: 'filter_chain_not_found' } }, 'gateway'],
  ['got no answer and nobody says why', { response: { status: undefined } }, 'gateway'],
  ['was slowed down on purpose', { response: { flags: ['DI'] } }, undefined],
];

for (const [what, sketch, cause] of cases) {
  test(`a request that ${what}: ${cause ?? 'nobody is to blame'}`, () => {
    assert.equal(causeOf(anEntry(sketch)), cause);
  });
}
