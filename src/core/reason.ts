/** The coarse code that a caller sees: enough to react, too little to probe with. */
export type PublicReason = 'unauthenticated' | 'forbidden' | 'limited' | 'invalid_request' | 'unavailable';

/** What a reason code stands for. */
export interface ReasonEntry {
  /** reject: the caller's fault. fail: ours, or the upstream's. */
  readonly kind: 'reject' | 'fail';
  /** The HTTP status of the denial. */
  readonly status: 400 | 401 | 403 | 413 | 415 | 422 | 429 | 502 | 503;
  readonly public: PublicReason;
  /** One sentence for people, used by docs/reasons.md and by explain. */
  readonly title: string;
}

const reject = (status: ReasonEntry['status'], code: PublicReason, title: string): ReasonEntry =>
  Object.freeze({ kind: 'reject', status, public: code, title });
const fail = (title: string, status: 502 | 503 = 503): ReasonEntry =>
  Object.freeze({ kind: 'fail', status, public: 'unavailable', title });

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
  client_banned: reject(403, 'forbidden', 'The client is banned for a while.'),

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
  api_key_revoked: reject(401, 'unauthenticated', 'The API key has been revoked.'),
  api_key_address: reject(403, 'forbidden', 'The API key may not be used from this address.'),
  token_inactive: reject(401, 'unauthenticated', 'The authorization server says that the token is not active.'),
  credential_revoked: reject(401, 'unauthenticated', 'The credential, its session or its principal has been revoked.'),
  login_required: reject(401, 'unauthenticated', 'Nobody is logged in.'),
  session_invalid: reject(401, 'unauthenticated', 'The session cookie is not one of ours, or was changed.'),
  session_expired: reject(401, 'unauthenticated', 'The session has ended.'),
  origin_mismatch: reject(403, 'forbidden', 'A request that changes something came from another origin.'),
  certificate_malformed: reject(
    401,
    'unauthenticated',
    'What the proxy says of the client certificate cannot be read.',
  ),
  certificate_unknown: reject(401, 'unauthenticated', 'The client certificate is of no identity that is accepted.'),
  certificate_mismatch: reject(401, 'unauthenticated', 'The token is bound to another client certificate.'),
  proof_missing: reject(
    401,
    'unauthenticated',
    'The token is bound to a key, and no proof of possession came with it.',
  ),
  proof_malformed: reject(401, 'unauthenticated', 'The DPoP proof is not well formed.'),
  proof_signature: reject(401, 'unauthenticated', 'The signature of the DPoP proof does not hold.'),
  proof_mismatch: reject(401, 'unauthenticated', 'The DPoP proof is for another request, token or key.'),
  proof_expired: reject(401, 'unauthenticated', 'The DPoP proof was made too long ago, or in the future.'),
  proof_nonce: reject(401, 'unauthenticated', 'The DPoP proof lacks the nonce that was asked for.'),
  proof_replayed: reject(401, 'unauthenticated', 'The DPoP proof has been used before.'),

  permission_missing: reject(403, 'forbidden', 'The principal lacks the permission.'),
  role_missing: reject(403, 'forbidden', 'The principal lacks the role.'),
  scope_missing: reject(403, 'forbidden', 'The credential lacks the scope.'),
  sender_unconstrained: reject(401, 'unauthenticated', 'The rule demands a credential that is bound to its sender.'),
  step_up_required: reject(401, 'unauthenticated', 'The rule demands a stronger or more recent authentication.'),
  denied_by_rule: reject(403, 'forbidden', 'A deny rule holds.'),
  tenant_mismatch: reject(403, 'forbidden', 'The principal has no role in the tenant.'),
  values_differ: reject(403, 'forbidden', 'Two values that must be equal differ.'),
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
  body_malformed: reject(400, 'invalid_request', 'The body cannot be read strictly in its format.'),
  body_mismatch: reject(422, 'invalid_request', 'The body does not match its schema.'),
  parameter_mismatch: reject(
    400,
    'invalid_request',
    'A path, query, header or cookie value does not match its contract.',
  ),
  operation_unknown: reject(403, 'forbidden', 'The contract has no such operation.'),
  payload_excessive: reject(
    413,
    'invalid_request',
    'The payload is nested deeper, or has more fields, parts or tokens, than is allowed.',
  ),
  encoding_excessive: reject(400, 'invalid_request', 'A value is encoded in more layers than are looked through.'),
  attack_detected: reject(403, 'forbidden', 'The request looks like an attack.'),
  request_leaks: reject(403, 'forbidden', 'The request carries data that must not leave.'),

  internal_error: fail('A bug on our side.'),
  deadline_exceeded: fail('The decision did not come in time.'),
  key_set_unavailable: fail('The key set of the issuer cannot be had.'),
  introspection_unavailable: fail('The authorization server does not say whether the token is active.'),
  provider_unavailable: fail('The identity provider cannot be had, and the login or its renewal needs it.'),
  key_store_unavailable: fail('The store of the API keys is away.'),
  session_store_unavailable: fail('The store of the sessions is away.'),
  replay_store_unavailable: fail('The store that remembers used proofs is away.'),
  revocations_unavailable: fail('What has been revoked is not known yet.'),
  audit_unavailable: fail('The call could not be recorded, and audit.delivery is strict.'),
  inspection_failed: fail('The payload could not be inspected.'),
  inspection_timeout: fail('The inspection of the payload did not end in time.'),
  inspection_overloaded: fail('More payloads wait for inspection than are allowed to.'),
  response_leaks: fail('The response carries data that must not leave.', 502),
  response_unreadable: fail('The response cannot be looked into: it is encoded, too large or not well formed.', 502),
} as const satisfies Record<string, ReasonEntry>);

/** A stable code of the reason table. */
export type Reason = keyof typeof reasons;

/** Every code of the table, in its order. */
export const reasonCodes: readonly Reason[] = Object.freeze(Object.keys(reasons) as Reason[]); // keys of a frozen literal
