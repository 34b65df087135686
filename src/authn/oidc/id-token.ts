import { createHash, timingSafeEqual } from 'node:crypto';
import { own } from '../../core/json.ts';
import { readClaims } from '../token/claims.ts';
import { type Profile, profiles } from '../token/profile.ts';
import { readSigned } from '../token/signed-token.ts';
import { bad, type Login, type Previous, type Refused, type TokenRules, type Tokens } from './token-facts.ts';

/** Judges an ID token (OpenID Connect Core sections 3.1.3.6, 3.1.3.7 and 12.2), or goes by the one before it. */
export async function judgeIdToken(
  tokens: Tokens,
  { options, keySet, nowMs }: TokenRules,
  previous: Previous | undefined,
  signal: AbortSignal,
): Promise<Login | Refused> {
  if (tokens.id_token === undefined) {
    return previous === undefined ? bad('no id_token') : { ...previous, endsMs: Number.POSITIVE_INFINITY };
  }
  const token = await readSigned(tokens.id_token, keySet, options.algorithms, signal);
  if (token.kind !== 'signed') return token;
  const { claims } = token;
  const { usualTypes, required, isForeign }: Profile = profiles.id_token;
  const typ = token.typ ?? '';
  if (!usualTypes.includes(typ) || isForeign(claims, typ)) return bad('type');
  if (own(claims, 'iss') !== options.issuer) return bad('claim iss');
  const who = readClaims(claims, { ...options.claims, ...withoutRoles, requiredClaims: required }, nowMs());
  if ('reason' in who) return bad(`claim ${who.claim}`);
  const [azp, nonce] = [own(claims, 'azp'), own(claims, 'nonce')];
  if (azp !== undefined && azp !== options.client.id) return bad('claim azp');
  if (!hashHolds(own(claims, 'at_hash'), tokens.access_token, token.alg)) return bad('claim at_hash');
  if (previous !== undefined && who.sub !== previous.sub) return bad('another sub');
  if (previous !== undefined && nonce !== undefined && nonce !== previous.nonce) return bad('another nonce');
  return {
    claims,
    endsMs: who.expiresMs ?? 0,
    sub: who.sub,
    sid: who.sessionId ?? previous?.sid,
    nonce: typeof nonce === 'string' ? nonce : previous?.nonce,
  };
}

const nothing: ReadonlySet<string> = new Set();
/** Claim rules that ask for no roles and scopes: those of a token that others speak for. */
export const withoutRoles = {
  roles: () => ({ roles: nothing, memberships: { groups: nothing, tenantRoles: new Map() } }),
  scopes: { name: 'scope', read: () => undefined },
};

/** Whether at_hash, where an ID token has it, is of the access token that came with it (Core section 3.1.3.6). */
function hashHolds(stated: unknown, accessToken: string, alg: string): boolean {
  if (stated === undefined) return true;
  const name = /^(?:EdDSA|Ed25519)$/.test(alg) ? 'sha512' : `sha${alg.slice(2)}`;
  const digest = createHash(name).update(accessToken).digest();
  const wanted = digest.subarray(0, digest.length / 2).toString('base64url');
  return (
    typeof stated === 'string' &&
    stated.length === wanted.length &&
    timingSafeEqual(Buffer.from(stated), Buffer.from(wanted))
  );
}
