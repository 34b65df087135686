import type { JsonObject } from './json.ts';

/** Verified claims only (RFC 7519), or what a key's entry says of its owner. */
export type Claims = JsonObject;

/** What a credential says of its holder besides the roles that count everywhere. */
export interface Memberships {
  /** Groups as the identity provider names them; bindings give them roles. */
  readonly groups: ReadonlySet<string>;
  /** Roles that count in one tenant alone, by its name. */
  readonly tenantRoles: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The memberships of a credential that states none. */
export const noMemberships: Memberships = Object.freeze({
  groups: new Set<string>(),
  tenantRoles: new Map<string, ReadonlySet<string>>(),
});

/** Who calls: a configured identity's word for it. */
export interface Principal {
  /** The configured identity that vouched for it. */
  readonly source: string;
  /** What it calls itself: a token's sub, a key's owner. */
  readonly id: string;
  /** The pair of both, injective: what limits, bindings, bans and revocations are kept by. */
  readonly key: string;
  readonly kind: 'jwt' | 'introspection' | 'oidc' | 'api_key' | 'mtls';
  /** Roles that count everywhere, as the credential states them: in our words (`roles_map`), before inheritance and bindings. */
  readonly roles: ReadonlySet<string>;
  readonly memberships: Memberships;
  readonly scopes: ReadonlySet<string>;
  /** The issuer of the token; undefined where there is none, as for API keys. */
  readonly issuer: string | undefined;
  /** A recognisable, harmless name of the credential (a key's id, a token's jti); undefined when it has none. */
  readonly credentialId: string | undefined;
  /** The session that the credential belongs to (OpenID Connect's sid); undefined when it names none. */
  readonly sessionId: string | undefined;
  /** When the credential was issued, in milliseconds since the epoch; undefined when it does not say. */
  readonly issuedMs: number | undefined;
  /** When it ends by itself, in milliseconds since the epoch; undefined: never. */
  readonly expiresMs: number | undefined;
  /** The proof of possession that came with it and held: DPoP (RFC 9449) or the client certificate (RFC 8705). */
  readonly boundBy: 'dpop' | 'mtls' | undefined;
  readonly claims: Claims;
}

/** The injective pair of source and id; the source is an identifier and holds no slash. */
export const principalKey = (source: string, id: string): string => `${source}/${id}`;

/** The source and the id of a principal's key; undefined for what is none. */
export function splitPrincipalKey(key: string): Pick<Principal, 'source' | 'id'> | undefined {
  const at = key.indexOf('/');
  return at < 1 || at === key.length - 1 ? undefined : { source: key.slice(0, at), id: key.slice(at + 1) };
}
