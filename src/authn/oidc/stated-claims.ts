import { type JsonObject, own } from '../../core/json.ts';
import type { Known } from '../provider-side/provider/index.ts';
import { readClaims } from '../token/claims.ts';
import { type Profile, profiles } from '../token/profile.ts';
import { readSigned } from '../token/signed-token.ts';
import { withoutRoles } from './id-token.ts';
import { bad, type Dated, type Login, type Refused, type TokenRules, type Tokens } from './token-facts.ts';
import { fetchUserinfo } from './userinfo.ts';

const unavailable: Refused = Object.freeze({ kind: 'unavailable' });
// What an ID token says of itself and of the login, whatever the source of the other claims.
const ofTheLogin: ReadonlySet<string> = new Set('iss sub aud azp exp iat auth_time acr amr sid'.split(' '));
// What binds an ID token to one answer of the provider: nobody has a use for it afterwards.
const ofTheAnswer: ReadonlySet<string> = new Set(['nonce', 'at_hash', 'c_hash', 's_hash']);

/** The claims of a principal from where the config wants them, with what the ID token says of the login. */
export async function claimsOf(
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
