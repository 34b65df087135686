import { type Challenge, type CredentialPlace, formatChallenge } from '../core/credential.ts';
import type { HeaderMutation } from '../core/decision.ts';

const realm = 'portcullis';

/** The error codes of RFC 6750 section 3.1 and RFC 9449 sections 7.1 and 9 that a challenge can carry. */
export type ChallengeError = 'invalid_request' | 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';

/** What a caller without a bearer token is told (RFC 6750 section 3). */
export const bearerChallenge: Challenge = Object.freeze({ scheme: 'Bearer', parameters: Object.freeze({ realm }) });

/** What a caller without an API key is told: a scheme of our own, which names the place. */
export const apiKeyChallenge = (place: CredentialPlace): Challenge => ({
  scheme: 'ApiKey',
  parameters: { realm, [place.in]: place.name },
});

/** What a caller without a token and a proof is told (RFC 9449 section 7.1): the algorithms that proofs may be signed with. */
export const dpopChallenge = (algorithms: readonly string[]): Challenge => ({
  scheme: 'DPoP',
  parameters: { realm, algs: algorithms.join(' ') },
});

/** What a caller without a client certificate is told: a scheme of our own, for HTTP has none. */
export const certificateChallenge: Challenge = Object.freeze({
  scheme: 'ClientCertificate',
  parameters: Object.freeze({ realm }),
});

/** What a caller without a session is told: a scheme of our own, which names the page where a login begins. */
export const sessionChallenge = (login: string): Challenge => ({ scheme: 'Session', parameters: { realm, login } });

/** The challenge with an error code, where its scheme has any. */
export const withError = (challenge: Challenge, error: ChallengeError): Challenge =>
  challenge.scheme === 'Bearer' || challenge.scheme === 'DPoP'
    ? { ...challenge, parameters: { ...challenge.parameters, error } }
    : challenge;

/** The challenges as one www-authenticate field (RFC 9110 section 11.6.1), each of them once. */
export function challengeHeaders(challenges: readonly Challenge[]): readonly HeaderMutation[] {
  const values = new Set(challenges.map(formatChallenge));
  return values.size === 0 ? [] : [{ name: 'www-authenticate', value: [...values].join(', ') }];
}
