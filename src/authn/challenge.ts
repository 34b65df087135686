import { type Challenge, formatChallenge } from '../core/credential.ts';
import type { HeaderMutation } from '../core/decision.ts';

const realm = 'portcullis';

/** The error codes of RFC 6750 section 3.1 that a challenge can carry. */
export type ChallengeError = 'invalid_request' | 'invalid_token';

/** What a caller without a bearer token is told (RFC 6750 section 3). */
export const bearerChallenge: Challenge = Object.freeze({ scheme: 'Bearer', parameters: Object.freeze({ realm }) });

/** What a caller without an API key is told: a scheme of our own, which names the place. */
export const apiKeyChallenge = (place: CredentialPlace): Challenge => ({
  scheme: 'ApiKey',
  parameters: { realm, [place.in]: place.name },
});

/** What a caller without a client certificate is told: a scheme of our own, for HTTP has none. */
export const certificateChallenge: Challenge = Object.freeze({
  scheme: 'ClientCertificate',
  parameters: Object.freeze({ realm }),
});

/** The challenge with an error code, where its scheme has any. */
export const withError = (challenge: Challenge, error: ChallengeError): Challenge =>
  challenge.scheme === 'Bearer' ? { ...challenge, parameters: { ...challenge.parameters, error } } : challenge;

/** The challenges as one www-authenticate field (RFC 9110 section 11.6.1), each of them once. */
export function challengeHeaders(challenges: readonly Challenge[]): readonly HeaderMutation[] {
  const values = new Set(challenges.map(formatChallenge));
  return values.size === 0 ? [] : [{ name: 'www-authenticate', value: [...values].join(', ') }];
}
