import { isObject, type JsonObject, own } from '../../core/json.ts';
import { type Principal, principalKey } from '../../core/principal.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import type { RoleReader } from '../role-mapping.ts';
import { readWords, spaced } from '../text.ts';
import type { ClaimRules } from '../token/claims.ts';

/** Somebody who has logged in: what a session cookie or its record holds. Tokens are in it, so it is sealed wherever it goes. */
export interface Session {
  /** Our own name of it, which is no secret: revocations and audit know it by this. */
  readonly id: string;
  /** How often it has been renewed. */
  readonly generation: number;
  /** Times in milliseconds since the epoch. */
  readonly loginMs: number;
  readonly seenMs: number;
  /** When its tokens came. */
  readonly renewedMs: number;
  /** Until when the provider vouches for it without being asked again. */
  readonly validMs: number;
  readonly sub: string;
  /** The provider's name of its own session (OpenID Connect's sid); undefined where it gives none. */
  readonly sid: string | undefined;
  /** What its first ID token was bound to; one that comes later may hold no other (Core section 12.2). */
  readonly nonce: string | undefined;
  /** What was granted, for where the claims state no scopes. */
  readonly granted: readonly string[];
  readonly claims: JsonObject;
  readonly refreshToken: string | undefined;
  /** Kept for the logout at the provider alone. */
  readonly idToken: string | undefined;
}

const limits = { maxBytes: 64 * 1024, maxDepth: 40 } as const;
const version = 1;

/** A session as text. */
export const encodeSession = (session: Session): string => JSON.stringify({ v: version, ...session });

/** The session of a text that we wrote; undefined for one of another version of ours. */
export function decodeSession(text: string): Session | undefined {
  const parsed = parseStrictJson(Buffer.from(text), limits);
  if (!parsed.ok || !isObject(parsed.value) || own(parsed.value, 'v') !== version) return undefined;
  const {
    id,
    generation,
    loginMs,
    seenMs,
    renewedMs,
    validMs,
    sub,
    sid,
    nonce,
    granted,
    claims,
    refreshToken,
    idToken,
  } = parsed.value;
  if (!isText(id) || !isText(sub) || !isObject(claims) || !isOptionalText(sid) || !isOptionalText(nonce))
    return undefined;
  if (!isOptionalText(refreshToken) || !isOptionalText(idToken) || !Array.isArray(granted)) return undefined;
  if (!isNumber(generation) || !isNumber(loginMs) || !isNumber(seenMs) || !isNumber(renewedMs) || !isNumber(validMs)) {
    return undefined;
  }
  const times = { loginMs, seenMs, renewedMs, validMs };
  return { id, generation, ...times, sub, sid, nonce, granted: granted.filter(isText), claims, refreshToken, idToken };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isOptionalText = (value: unknown): value is string | undefined => value === undefined || isText(value);
const isText = (value: unknown): value is string => typeof value === 'string';

/** How a principal is made of a session: as the config has it now, not as it was at the login. */
interface PrincipalRules {
  readonly source: string;
  readonly issuer: string;
  readonly roles: RoleReader;
  readonly scopes: ClaimRules['scopes'];
  /** How old a session may become. */
  readonly absoluteMs: number;
}

/** Who a session speaks for; undefined when its claims are no longer such as the config wants them. */
export function principalOf(session: Session, rules: PrincipalRules): Principal | undefined {
  const { source, issuer } = rules;
  const stated = rules.roles(session.claims);
  const claimed = rules.scopes.read(session.claims);
  const scopes = claimed === undefined ? new Set(session.granted) : readWords(claimed, spaced);
  if ('claim' in stated || scopes === undefined) return undefined;
  return {
    source,
    id: session.sub,
    key: principalKey(source, session.sub),
    kind: 'oidc',
    roles: stated.roles,
    memberships: stated.memberships,
    scopes,
    issuer,
    // A logout here revokes this one session, a logout at the provider all that belong to its sid.
    credentialId: session.id,
    sessionId: session.sid ?? withoutSid(session.sub),
    issuedMs: session.loginMs,
    expiresMs: session.loginMs + rules.absoluteMs,
    boundBy: undefined,
    claims: session.claims,
  };
}

/** The common name of all sessions of a person to which the provider gave no sid: a logout of any sid may mean each of them. */
export const withoutSid = (sub: string): string => `without sid: ${sub}`;
