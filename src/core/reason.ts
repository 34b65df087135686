/** The coarse code that a caller sees: enough to react, too little to probe with. */
export type PublicReason = 'unauthenticated' | 'forbidden' | 'limited' | 'invalid_request' | 'unavailable';

/** What a reason code stands for. */
export interface ReasonEntry {
  /** reject: the caller's fault. fail: ours. */
  readonly kind: 'reject' | 'fail';
  /** The HTTP status of the denial. */
  readonly status: 400 | 401 | 403 | 413 | 415 | 422 | 429 | 503;
  readonly public: PublicReason;
  /** One sentence for people, used by docs/reasons.md and by explain. */
  readonly title: string;
}

const reject = (status: ReasonEntry['status'], code: PublicReason, title: string): ReasonEntry =>
  Object.freeze({ kind: 'reject', status, public: code, title });
const fail = (title: string): ReasonEntry => Object.freeze({ kind: 'fail', status: 503, public: 'unavailable', title });

/** Every reason for a denial. Codes are stable: append, never rename, never reuse. */
export const reasons = Object.freeze({
  call_undecodable: reject(400, 'invalid_request', 'The call from the proxy cannot be decoded.'),
  method_malformed: reject(400, 'invalid_request', 'The method is not a token of RFC 9110.'),
  path_malformed: reject(400, 'invalid_request', 'The path is empty, relative, too long or has forbidden characters.'),
  path_ambiguous: reject(400, 'invalid_request', 'The path can be read in more than one way.'),
  host_malformed: reject(400, 'invalid_request', 'The host is missing or is not a valid authority.'),
  header_malformed: reject(400, 'invalid_request', 'A header holds control characters or is not UTF-8.'),
  query_malformed: reject(400, 'invalid_request', 'The query has forbidden characters or a broken percent-encoding.'),
  scheme_malformed: reject(400, 'invalid_request', 'The scheme is neither http nor https.'),
  address_blocked: reject(403, 'forbidden', 'The client address is on a deny list.'),

  no_rule: reject(403, 'forbidden', 'No rule matches the request.'),
  rule_unknown: reject(403, 'forbidden', 'The proxy chose a rule that the plan does not have.'),
  rule_mismatch: reject(403, 'forbidden', 'The proxy chose a rule whose own match does not hold.'),

  credential_missing: reject(401, 'unauthenticated', 'No accepted credential is present.'),
  credential_ambiguous: reject(400, 'invalid_request', 'More than one credential is present.'),
  credential_malformed: reject(401, 'unauthenticated', 'The credential is not well formed.'),
  token_malformed: reject(401, 'unauthenticated', 'The token is not a strict compact JWS with strict JSON.'),
  token_algorithm: reject(401, 'unauthenticated', 'The token is signed with an algorithm that is not allowed.'),
  token_key_unknown: reject(401, 'unauthenticated', 'The token names no key of its issuer.'),
  token_signature: reject(401, 'unauthenticated', 'The signature of the token does not hold.'),
  token_expired: reject(401, 'unauthenticated', 'The token has expired.'),
  token_not_yet_valid: reject(401, 'unauthenticated', 'The token is not valid yet.'),
  token_issuer: reject(401, 'unauthenticated', 'The token is from another issuer.'),
  token_audience: reject(401, 'unauthenticated', 'The token is for another audience.'),
  token_type: reject(401, 'unauthenticated', 'The token is of another type.'),
  token_claims: reject(401, 'unauthenticated', 'A claim of the token is missing or of the wrong type.'),
  api_key_malformed: reject(401, 'unauthenticated', 'The API key is not well formed.'),
  api_key_unknown: reject(401, 'unauthenticated', 'The API key is not known.'),
  api_key_expired: reject(401, 'unauthenticated', 'The API key has expired.'),

  permission_missing: reject(403, 'forbidden', 'The principal lacks the permission.'),
  role_missing: reject(403, 'forbidden', 'The principal lacks the role.'),
  scope_missing: reject(403, 'forbidden', 'The credential lacks the scope.'),
  claim_mismatch: reject(403, 'forbidden', 'A claim does not have the demanded value.'),
  address_not_allowed: reject(403, 'forbidden', 'The client address is outside the demanded ranges.'),
  condition_negated: reject(403, 'forbidden', 'A condition that must not hold does hold.'),
  alternatives_exhausted: reject(403, 'forbidden', 'None of the alternative conditions holds.'),

  limit_exceeded: reject(429, 'limited', 'A limit is used up.'),
  limit_store_unavailable: fail('The limit store is away and the limit says deny.'),

  body_missing: reject(400, 'invalid_request', 'The rule demands a body and none reached the check.'),
  body_too_large: reject(
    413,
    'invalid_request',
    'The body is larger than allowed, or the proxy sent only a part of it.',
  ),
  media_type_unsupported: reject(415, 'invalid_request', 'The media type or encoding of the body is not accepted.'),
  body_malformed: reject(400, 'invalid_request', 'The body is not strict JSON.'),
  body_mismatch: reject(422, 'invalid_request', 'The body does not match its schema.'),
  parameter_mismatch: reject(400, 'invalid_request', 'A path, query or header value does not match its pattern.'),

  internal_error: fail('A bug on our side.'),
  deadline_exceeded: fail('The decision did not come in time.'),
  key_set_unavailable: fail('The key set of the issuer cannot be had.'),
  inspection_failed: fail('The payload could not be inspected.'),
} as const satisfies Record<string, ReasonEntry>);

/** A stable code of the reason table. */
export type Reason = keyof typeof reasons;

/** Every code of the table, in its order. */
export const reasonCodes: readonly Reason[] = Object.freeze(Object.keys(reasons) as Reason[]); // keys of a frozen literal
