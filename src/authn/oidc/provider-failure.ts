import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { nameOfFailure } from '../../outbound/fetch-json.ts';

/**
 * Why a call to the provider, or its answer in the browser, came to nothing; the words are fit for a log.
 * refused: it said no, by an error code. bad: it answered something that must not be believed. unavailable: it is away, or not well.
 */
export interface ProviderFailure {
  readonly kind: 'refused' | 'bad' | 'unavailable';
  readonly problem: string;
}

// RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, RFC 9470 section 5: only these are told on, for
// what stands there in a callback is anybody's.
const codes: ReadonlySet<string> = new Set(
  (
    'access_denied account_selection_required consent_required interaction_required invalid_client invalid_grant invalid_request ' +
    'invalid_scope invalid_target login_required server_error temporarily_unavailable unauthorized_client ' +
    'unmet_authentication_requirements unsupported_grant_type unsupported_response_type'
  ).split(' '),
);
const unwell: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);
// The library's codes for an answer that was none: another status, no JSON, no answer in time.
const noAnswer: ReadonlySet<string | undefined> = new Set([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  undefined,
]);

/** Sorts what openid-client throws. */
export function failureOf(error: unknown): ProviderFailure {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const problem = codes.has(error.error) ? error.error : 'an unknown error code';
    const away = unwell.has(error.error) || (error instanceof ResponseBodyError && error.status >= 500);
    return { kind: away ? 'unavailable' : 'refused', problem };
  }
  if (error instanceof ClientError && !noAnswer.has(error.code)) return { kind: 'bad', problem: error.code ?? '' };
  return { kind: 'unavailable', problem: (error instanceof ClientError && error.code) || nameOfFailure(error) };
}
