import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenEndpointResponse } from 'openid-client';
import { type JsonObject, own } from '../../core/json.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import type { Known } from '../provider-side/provider/index.ts';
import { readWords, spaced } from '../text.ts';
import { type ClaimRules, readClaims } from '../token/claims.ts';
import { type Profile, profiles } from '../token/profile.ts';
import { readSigned } from '../token/signed-token.ts';
import type { OidcOptions } from './options.ts';
import { fetchUserinfo } from './userinfo.ts';

/** What the tokens of a login or of a renewal say. */
export interface TokenFacts {
  readonly sub: string;
  readonly sid: string | undefined;
  readonly claims: JsonObject;
  readonly granted: readonly string[];
  readonly nonce: string | undefined;
  /** Until when they are good, in milliseconds since the epoch; Infinity when they do not say. */
  readonly validMs: number;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

/** The facts, or a word for what is wrong with the tokens. */
export type JudgedTokens =
  | { readonly kind: 'good'; readonly facts: TokenFacts }
  | { readonly kind: 'bad'; readonly problem: string }
  | { readonly kind: 'unavailable' };

type Refused = Exclude<JudgedTokens, { readonly kind: 'good' }>;
type Tokens = Pick<TokenEndpointResponse, 'access_token' | 'expires_in' | 'id_token' | 'refresh_token' | 'scope'>;

/** What judging tokens takes. */
interface TokenRules {
  readonly options: OidcOptions;
  readonly keySet: KeySet;
  readonly nowMs: () => number;
}

/** What a renewal must agree with, and what it leaves unsaid. */
type Previous = Pick<TokenFacts, 'sub' | 'sid' | 'claims' | 'granted' | 'nonce' | 'refreshToken' | 'idToken'>;

const bad = (problem: string): Refused => ({ kind: 'bad', problem });
const unavailable: Refused = Object.freeze({ kind: 'unavailable' });
// What an ID token says of itself and of the login, whatever the source of the other claims.
const ofTheLogin: ReadonlySet<string> = new Set('iss sub aud azp exp iat auth_time acr amr sid'.split(' '));
// What binds an ID token to one answer of the provider: nobody has a use for it afterwards.
const ofTheAnswer: ReadonlySet<string> = new Set(['nonce', 'at_hash', 'c_hash', 's_hash']);

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

/** Claims, and until when they are good. */
interface Dated {
  readonly claims: JsonObject;
  readonly endsMs: number;
}

/** What an ID token says, or what the one before it said where a renewal comes without. */
type Login = Dated & Pick<TokenFacts, 'sub' | 'sid' | 'nonce'>;

async function judgeIdToken(
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

/** The claims of a principal from where the config wants them, with what the ID token says of the login. */
async function claimsOf(
  tokens: Tokens,
  login: Login,
  { configuration }: Known,
  rules: TokenRules,
  signal: AbortSignal,
): Promise<Dated | Refused> {
  const { claimSource } = rules.options;
  switch (claimSource) {
    case 'id_token':
      return { claims: plainClaims(login.claims), endsMs: login.endsMs };
    case 'userinfo': {
      const told = await fetchUserinfo(configuration, tokens.access_token, login.sub);
      if (told.kind !== 'good') return told;
      return { claims: withLogin(told.claims, login.claims), endsMs: Number.POSITIVE_INFINITY };
    }
    case 'access_token':
      return claimsOfAccessToken(tokens.access_token, login, rules, signal);
    default:
      return claimSource satisfies never;
  }
}

async function claimsOfAccessToken(
  text: string,
  login: Login,
  { options, keySet, nowMs }: TokenRules,
  signal: AbortSignal,
): Promise<Dated | Refused> {
  const token = await readSigned(text, keySet, options.algorithms, signal);
  if (token.kind === 'unavailable') return unavailable;
  if (token.kind === 'bad') return bad(`access token: ${token.problem}`);
  const { claims, typ } = token;
  const { usualTypes, isForeign }: Profile = profiles.access_token;
  const typed = usualTypes.includes(typ ?? '') && !isForeign(claims, typ ?? '');
  if (!typed) return bad('access token: type');
  if (own(claims, 'iss') !== options.issuer) return bad('access token: iss');
  const who = readClaims(
    claims,
    { ...options.claims, ...withoutRoles, audience: options.audience, requiredClaims: [] },
    nowMs(),
  );
  if ('reason' in who) return bad(`access token: ${who.claim}`);
  if (who.sub !== login.sub) return bad('access token: another sub');
  return { claims: withLogin(claims, login.claims), endsMs: who.expiresMs ?? 0 };
}

const plainClaims = (claims: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !ofTheAnswer.has(name)));

const withLogin = (claims: JsonObject, login: JsonObject): JsonObject => {
  const own = Object.entries(claims).filter(([name]) => !ofTheLogin.has(name));
  const said = Object.entries(login).filter(([name]) => ofTheLogin.has(name));
  return plainClaims(Object.fromEntries([...own, ...said]));
};

/** The first claim that the config wants otherwise. */
function faultOfClaims(claims: JsonObject, { requiredClaims, roles, scopes }: ClaimRules): string | undefined {
  const missing = requiredClaims.find(({ holds }) => !holds(claims));
  if (missing !== undefined) return missing.name;
  const stated = roles(claims);
  if ('claim' in stated) return stated.claim;
  return readWords(scopes.read(claims), spaced) === undefined ? scopes.name : undefined;
}
