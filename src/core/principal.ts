import type { JsonObject } from './json.ts';

/** Verified claims only (RFC 7519), or what a key's entry says of its owner. */
export type Claims = JsonObject;

/** Who calls: a configured identity's word for it. */
export interface Principal {
  /** The configured identity that vouched for it. */
  readonly source: string;
  /** What it calls itself: a token's sub, a key's owner. */
  readonly id: string;
  /** The pair of both, injective: what limits, bindings, bans and revocations are kept by. */
  readonly key: string;
  readonly kind: 'jwt' | 'api_key';
  /** Roles as the credential states them, before inheritance. */
  readonly roles: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** The issuer of the token; undefined for API keys. */
  readonly issuer: string | undefined;
  /** A recognisable, harmless name of the credential (a key's id, a token's jti); undefined when it has none. */
  readonly credentialId: string | undefined;
  readonly claims: Claims;
}

/** The injective pair of source and id; the source is an identifier and holds no slash. */
export const principalKey = (source: string, id: string): string => `${source}/${id}`;
