import { isObject, type Json, type JsonObject, own } from '../../../core/json.ts';
import { fetchJson } from '../../../outbound/fetch-json.ts';
import type { Outbound } from '../../../outbound/outbound.ts';
import { faultOfUrl, type UrlRules } from '../../../outbound/url.ts';

/** What an issuer says of itself, as far as it may be used, or why there is nothing; in words that are fit for a log. */
export type Metadata =
  | {
      readonly ok: true;
      readonly value: JsonObject;
      /** Members that were left out, each with what is wrong with its URL. */
      readonly leftOut: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

// Where a browser is sent rather than we: a login page may well be on another host than those that we ask.
const forBrowsers: ReadonlySet<string> = new Set(['authorization_endpoint', 'end_session_endpoint']);
const aliases = 'mtls_endpoint_aliases';

/**
 * Fetches the metadata of an issuer: OpenID Connect Discovery 1.0 section 4, else RFC 8414 section 3. It must say that it
 * is of exactly this issuer; endpoints that may not be asked are left out. Never rejects.
 */
export async function fetchMetadata(
  issuer: string,
  rules: UrlRules,
  fetch: Outbound['fetch'],
  signal: AbortSignal,
): Promise<Metadata> {
  const first = await fetchJson(openIdUrl(issuer), fetch, signal);
  const fetched = first.ok || first.problem !== 'status 404' ? first : await fetchJson(oauthUrl(issuer), fetch, signal);
  if (!fetched.ok) return fetched;
  if (!isObject(fetched.value)) return { ok: false, problem: 'the metadata is no object' };
  // Whoever answers for another issuer must not tell us where to send what only this one may see.
  if (own(fetched.value, 'issuer') !== issuer) return { ok: false, problem: 'the metadata is of another issuer' };
  return withoutForbidden(fetched.value, rules);
}

const openIdUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

function oauthUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}

function withoutForbidden(metadata: JsonObject, rules: UrlRules): Metadata {
  const leftOut: string[] = [];
  const allowed = (members: JsonObject, prefix: string): [string, Json][] =>
    Object.entries(members).filter(([name, value]) => {
      if (!name.endsWith('_endpoint') && name !== 'jwks_uri') return true;
      const hosts = forBrowsers.has(name) ? undefined : rules.allowedHosts;
      const fault = typeof value === 'string' ? faultOfUrl(value, { ...rules, allowedHosts: hosts }) : 'is no text';
      if (fault !== undefined) leftOut.push(`${prefix}${name} ${fault}`);
      return fault === undefined;
    });
  const members = new Map(allowed(metadata, ''));
  const overTls = members.get(aliases);
  if (overTls !== undefined) {
    members.set(aliases, Object.fromEntries(isObject(overTls) ? allowed(overTls, `${aliases}.`) : []));
  }
  return { ok: true, value: Object.fromEntries(members), leftOut };
}
