import { authorizationCodeGrant } from 'openid-client';
import { own } from '../../core/json.ts';
import type { Known } from '../provider-side/provider/index.ts';
import type { Attempt } from './login.ts';
import type { Problem } from './page.ts';
import type { OidcParts } from './parts.ts';
import { failureOf, type ProviderFailure } from './provider-failure.ts';
import type { JudgedTokens, TokenFacts } from './token-facts.ts';
import { judgeTokens } from './tokens.ts';

type Redeemed = JudgedTokens | ProviderFailure;

/** Asks the provider for the tokens of a login, once, and judges them. Never rejects for what the provider does. */
export async function redeem(
  parts: OidcParts,
  known: Known,
  url: URL,
  { state, nonce, verifier }: Attempt,
  signal: AbortSignal,
): Promise<Redeemed> {
  const { options, keySet, clock } = parts;
  try {
    const tokens = await authorizationCodeGrant(known.configuration, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    return await judgeTokens(tokens, known, { options, keySet, nowMs: clock.nowMs }, undefined, signal);
  } catch (error) {
    return failureOf(error);
  }
}

/** What the log says of a login that came to nothing. */
export const wordOf = (judged: Exclude<Redeemed, { readonly kind: 'good' }>): string =>
  'problem' in judged ? judged.problem : 'the keys cannot be had';

/** What the person is told of it. */
export function problemOf(judged: Exclude<Redeemed, { readonly kind: 'good' }>): Problem {
  switch (judged.kind) {
    case 'unavailable':
      return 'provider_unavailable';
    case 'bad':
      return 'login_unverified';
    case 'refused':
      if (judged.problem === 'unmet_authentication_requirements') return 'login_insufficient';
      return judged.problem === 'access_denied' ? 'login_denied' : 'login_failed';
    default:
      return judged satisfies never;
  }
}

/** Whether a login brought what it was asked to bring (RFC 9470 section 5): one of the contexts, and recent enough. */
export function suffices({ options, clock }: OidcParts, { claims }: TokenFacts, { demand }: Attempt): boolean {
  const { acrValues, maxAgeSeconds } = demand;
  const [acr, authTime] = [own(claims, 'acr'), own(claims, 'auth_time')];
  if (acrValues.length > 0 && !(typeof acr === 'string' && acrValues.includes(acr))) return false;
  if (maxAgeSeconds === undefined) return true;
  const latestMs = typeof authTime === 'number' ? (authTime + maxAgeSeconds) * 1000 + options.claims.clockSkewMs : 0;
  return clock.nowMs() <= latestMs;
}
