import type { JsonObject } from '../../core/json.ts';
import type { Known } from '../provider-side/provider/index.ts';
import { readWords, spaced } from '../text.ts';
import type { ClaimRules } from '../token/claims.ts';
import { judgeIdToken } from './id-token.ts';
import { claimsOf } from './stated-claims.ts';
import { bad, type JudgedTokens, type Previous, type TokenRules, type Tokens } from './token-facts.ts';

/**
 * Judges the answer of a token endpoint by OpenID Connect Core sections 3.1.3.7, 3.1.3.8 and 12.2, beyond what the library
 * does: signatures too, in strict JSON. previous: what a renewal continues; undefined at a login. May reject as openid-client does.
 */
export async function judgeTokens(
  tokens: Tokens,
  known: Known,
  rules: TokenRules,
  previous: Previous | undefined,
  signal: AbortSignal,
): Promise<JudgedTokens> {
  const { options, nowMs } = rules;
  const login = await judgeIdToken(tokens, rules, previous, signal);
  if ('kind' in login) return login;
  const stated = await claimsOf(tokens, login, known, rules, signal);
  if ('kind' in stated) return stated;
  const wrong = faultOfClaims(stated.claims, options.claims);
  if (wrong !== undefined) return bad(`claim ${wrong}`);
  return {
    kind: 'good',
    facts: {
      sub: login.sub,
      sid: login.sid,
      claims: stated.claims,
      granted: tokens.scope === undefined ? (previous?.granted ?? options.scopes) : spaced(tokens.scope),
      nonce: login.nonce,
      validMs: Math.min(login.endsMs, stated.endsMs, endOfAccess(tokens, nowMs())),
      refreshToken: tokens.refresh_token ?? previous?.refreshToken,
      idToken: tokens.id_token ?? previous?.idToken,
    },
  };
}

const endOfAccess = ({ expires_in: seconds }: Tokens, nowMs: number): number =>
  typeof seconds === 'number' && seconds >= 0 ? nowMs + seconds * 1000 : Number.POSITIVE_INFINITY;

/** The first claim that the config wants otherwise. */
function faultOfClaims(claims: JsonObject, { requiredClaims, roles, scopes }: ClaimRules): string | undefined {
  const missing = requiredClaims.find(({ holds }) => !holds(claims));
  if (missing !== undefined) return missing.name;
  const stated = roles(claims);
  if ('claim' in stated) return stated.claim;
  return readWords(scopes.read(claims), spaced) === undefined ? scopes.name : undefined;
}
