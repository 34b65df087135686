import assert from 'node:assert/strict';
import type { AuthnDeps } from '../../src/authn/index.ts';
import { buildPossession } from '../../src/authn/possession/index.ts';
import type { PresentedCertificate } from '../../src/core/certificate.ts';
import type { Claims } from '../../src/core/principal.ts';
import { authnDeps, never, openTime } from './authn.ts';
import { athOf, makeProof, thumbprintOf } from './proofs.ts';
import { recordIssues } from './recording-context.ts';
import { anAttributes, aRequest } from './requests.ts';
import { makeKey } from './tokens.ts';

/** The key of the clients. */
export const key = makeKey('ES256');
/** The token that is presented. */
export const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
/** The thumbprint of the key. */
export const jkt = thumbprintOf(key);
/** Claims of a token that is bound to the key. */
export const bound = { cnf: { jkt } };
/** The thumbprint of a certificate. */
export const x5t = 'A'.repeat(43);
/** A certificate with that thumbprint was shown. */
export const shown = (thumbprint: string | undefined): PresentedCertificate => ({
  kind: 'present',
  certificate: {
    thumbprint,
    subject: '',
    uris: [],
    dnsNames: [],
    emails: [],
    issuedMs: undefined,
    expiresMs: undefined,
  },
});

interface Setting {
  readonly dpop?: unknown;
  readonly certificate?: PresentedCertificate;
  readonly deps?: Partial<AuthnDeps>;
}

/** A possession under test, and what makes proofs for it and judges them. */
export function openPossession({ dpop, certificate, deps }: Setting = {}, time = openTime()) {
  const { context, issues } = recordIssues();
  const certificates = () => certificate ?? ({ kind: 'absent' } as const);
  const possession = buildPossession('users', dpop, context, { ...authnDeps(time), certificates, ...deps });
  assert.deepEqual(issues, []);
  const iat = time.clock.nowMs() / 1000;
  const sound = { htm: 'GET', htu: 'https://api.example.com/orders', iat, ath: athOf(token) };
  const request = (proof: string | readonly string[] | undefined, sketch = {}) =>
    aRequest({ attributes: anAttributes({ headers: proof === undefined ? {} : { dpop: proof }, ...sketch }) });
  return {
    time,
    possession,
    sound,
    proof: (claims: object = {}, header: object = {}, by = key) =>
      makeProof(by, { header: { ...header }, claims: { ...sound, ...claims } }),
    request,
    judge: async (proof: string | readonly string[] | undefined, { claims = bound, ...sketch }: Sketch = {}) =>
      possession.verify({ scheme: 'dpop', token, claims, request: request(proof, sketch) }, never),
    bearer: async (claims: Sketch['claims'], proof?: string) =>
      possession.verify({ scheme: 'bearer', token, claims: claims ?? {}, request: request(proof) }, never),
  };
}

interface Sketch {
  readonly claims?: Claims;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

type Judged = Awaited<ReturnType<ReturnType<typeof openPossession>['judge']>>;
/** What a verdict comes to, in a few words. */
export const outcome = (verdict: Judged): string => {
  if (verdict.kind === 'pass') return `pass ${verdict.value.boundBy}`;
  if (verdict.kind === 'abstain') return 'abstain';
  return [verdict.reason, verdict.detail['problem'] ?? verdict.detail['claim']].filter(Boolean).join(' ');
};
/** The challenge of a rejection. */
export const challenge = (verdict: Judged): string =>
  verdict.kind === 'reject' ? (verdict.headers.find(({ name }) => name === 'www-authenticate')?.value ?? '') : '';

/** The nonce that came with a verdict. */
export const nonceIn = (verdict: Judged): string | undefined => {
  const headers = verdict.kind === 'pass' ? verdict.value.response : verdict.kind === 'reject' ? verdict.headers : [];
  return headers.find(({ name }) => name === 'dpop-nonce')?.value;
};
